# Needs make and python3 (3.11, 3.12 or 3.13); everything else is fetched. PORT=8001, SEASON=full and RESET=1 are for demo.
PYTHON ?= python3
# A hundred processes start in the tests: what one has compiled is there for the next, whatever the caller's shell says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo verify test test-long faults lint audit bench clean environment

demo: environment
	@.venv/bin/python -m config.trial

# Recomputes every balance and identity of the running trial from its journals.
verify: environment
	@.venv/bin/python manage.py verify_ledger

test: environment
	@.venv/bin/python -m config.checks

# The full season played and verified, the archive, a replica, journals divided by county: half an hour.
test-long: environment
	@.venv/bin/python -m config.checks long

# Everything ended, cut, filled and raced for hours: docs/faults.md. SEED=n plays a schedule again, FAULTS_MINUTES=n a
# piece of it; the full disk takes root, the clock Debian's libfaketime.
faults: environment
	@FAULTS=long .venv/bin/python -m config.checks faults

lint: environment
	@.venv/bin/python -m config.checks lint

# Asks the public advisory server, or that of OSV_URL, about every package of uv.lock.
audit: environment
	@.venv/bin/python -m config.advisories

# Measures every operation beside its floor; SMOKE=1 is short. Data sets and figures stay in var/bench/, gigabytes of them.
bench: environment
	@.venv/bin/python -m benchmarks.run $(if $(SMOKE),--smoke)
	@.venv/bin/python -m benchmarks.bench_approval $(if $(SMOKE),--small) --json var/bench/approval.json
	@.venv/bin/python -m benchmarks.bench_recall $(if $(SMOKE),--small) --json var/bench/recall.json
	@.venv/bin/python -m benchmarks.bench_figures $(if $(SMOKE),--small) --json var/bench/figures.json
	@.venv/bin/python -m benchmarks.bench_allocation county --json var/bench/allocation.json
	@.venv/bin/python -m benchmarks.bench_stock $(if $(SMOKE),--small) --json var/bench/stock.json
	@.venv/bin/python -m benchmarks.bench_cards $(if $(SMOKE),--small) --json var/bench/cards.json
	@.venv/bin/python -m benchmarks.bench_public $(if $(SMOKE),--small) --json var/bench/public.json
	@.venv/bin/python -m benchmarks.bench_exports $(if $(SMOKE),--small) --json var/bench/exports.json
	@.venv/bin/python -m benchmarks.bench_mixed $(if $(SMOKE),--small --minutes 0.2) --json var/bench/mixed.json
ifndef SMOKE
	@.venv/bin/python -m benchmarks.sets province --json var/bench/province.json
	@.venv/bin/python -m benchmarks.bench_allocation province --json var/bench/allocation-province.json
	@.venv/bin/python -m benchmarks.bench_allocation nation --json var/bench/allocation-nation.json
	@.venv/bin/python -m benchmarks.bench_roster --json var/bench/roster.json
	@.venv/bin/python -m benchmarks.bench_notice --json var/bench/notice.json
	@.venv/bin/python -m benchmarks.bench_search --json var/bench/search.json
	@.venv/bin/python -m benchmarks.bench_recall --json var/bench/recall.json
endif

environment:
	@$(PYTHON) deploy/bootstrap.py

# Keeps the trial's database and keys unless DATA=1.
clean:
	@$(PYTHON) deploy/clean.py
