"""The trial's season: real places, real medicines, played through the same services as the API's."""
