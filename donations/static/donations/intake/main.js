// The counter's page: a donor and what they bring, by scanner, keyboard and photo. It decides nothing: the API reads
// codes, finds medicines, judges items and registers; here is only what stands in which field, one file per subject.
import { showKind } from "./donor.js";
import "./finder.js";
import "./moving.js";
import { field, says } from "./page.js";
import "./registering.js";
import { refresh } from "../offline/sending.js";

showKind();
field("/donor/name").focus();

// Once everything else has come, the device is made ready for the hour in which there is no network.
setTimeout(() => refresh(Number(says.person)).catch(() => {}), 2_000);
