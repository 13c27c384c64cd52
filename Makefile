# The one list of commands. Each also works in a fresh clone: it first gets what it needs.
# CARGO_TARGET_DIR is honoured; TYRIAN_* settings (docs/operations.md) reach the server, whose data is in ./data.

SHELL := /bin/bash
.DEFAULT_GOAL := help
export CARGO_TARGET_DIR ?= $(CURDIR)/target
BIN := $(CARGO_TARGET_DIR)/release/tyrian

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run demo build
run: build ## build what has changed, then serve on http://127.0.0.1:8080 with the data in ./data
	@exec "$(BIN)" serve

demo: build ## the same with a rich made-up example on a throw-away database
	@exec "$(BIN)" demo

build: ## the release binary with the app in it
	@scripts/setup.sh
	@scripts/build-app.sh
	@cargo build --release -p tyrian

.PHONY: test test-unit test-api e2e bench test-long
test: ## everything: unit, API on SQLite and PostgreSQL, the app's own, browser
	@scripts/test.sh all

test-unit: ## unit tests only; needs neither PostgreSQL nor a browser
	@scripts/test.sh unit

test-api: ## the API on SQLite and PostgreSQL; FILTER=missions:: runs some
	@scripts/test.sh api $(FILTER)

e2e: ## the browser tests against the real binary; FILTER=auth.spec.ts runs some
	@scripts/test.sh e2e $(FILTER)

bench: build ## figures of this machine: sync, start, memory; requests beside a limit program and a peer (ARGS='--size 10000'); the browser
	@scripts/bench.sh
	@scripts/bench-compare.sh $(ARGS)
	@scripts/bench-browser.sh

test-long: build ## what takes long: kills under load, PostgreSQL gone, a full disk, two instances, S3, schemathesis
	@scripts/test-long.sh

.PHONY: lint fmt openapi
lint: ## formatting, clippy for server and app, who may know whom, documentation, licences
	@scripts/lint.sh

fmt: ## format the Rust code
	@cargo fmt --all

openapi: ## write openapi.json anew after a change of the API
	@cargo run -q -p tyrian -- openapi >openapi.json.new && mv openapi.json.new openapi.json

.PHONY: up down migrate clean
up: ## PostgreSQL and the server in containers, on http://127.0.0.1:8080
	@[ -e .env ] || (umask 077; printf 'POSTGRES_PASSWORD=%s\nTYRIAN_SECRET_KEY=%s\n' "$$(openssl rand -hex 24)" "$$(openssl rand -hex 32)" >.env)
	@TYRIAN_COMMIT=$$(git rev-parse --short=7 HEAD) docker compose up --build --detach --wait

down: ## stop the containers; their data stays (docker compose down -v deletes it)
	@docker compose down

migrate: build ## bring the database that the settings name to the newest schema
	@"$(BIN)" migrate up

clean: ## delete what was built; the data folder stays
	@cargo clean
	@rm -rf bench/results dist frontend/.build e2e/node_modules e2e/test-results e2e/playwright-report e2e/shots
