# Six commands are meant to be typed: demo, test, check, fuzz, bench, fmt.
# `make demo PORT=8081` starts the demonstration on another port.

.PHONY: help demo test check fuzz bench fmt assets
.DEFAULT_GOAL := help

PORT ?= 8080
CASES ?= 10000
target := $(or $(CARGO_TARGET_DIR),target)

help:
	@echo "make demo    installe ce qu’il faut, construit et lance la démonstration sur http://localhost:$(PORT)"
	@echo "make test    installe ce qu’il faut et lance tous les tests, sur SQLite et PostgreSQL, navigateur compris"
	@echo "make check   vérifie vite : mise en forme et clippy"
	@echo "make fuzz    éprouve longtemps ce qui lit des textes venus d’ailleurs (CASES=$(CASES) cas par propriété)"
	@echo "make bench   mesure, et écrit docs/performance.md"
	@echo "make fmt     met le code en forme"

demo: assets
	cargo build --locked --profile demo --package app --bin maillage
	@exec $(target)/demo/maillage demo --port $(PORT)

test: assets e2e/node_modules/.package-lock.json crates/identity/tests/pair/node_modules/.package-lock.json \
		crates/oidc/tests/pair/node_modules/.package-lock.json
	@scripts/setup test
	@scripts/test

check: assets
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

# The properties that « make test » tries on a few hundred cases, on many more: hours, readers of files, mappings,
# search, tables that people send, every reader of the protocol, the reader of mandats.
fuzz: assets
	PROPTEST_CASES=$(CASES) cargo test --locked --package annuaire --lib -- \
		lieux::horaires lieux::ouverture lieux::lecture lieux::normalisation lieux::correspondance lieux::recherche
	PROPTEST_CASES=$(CASES) cargo test --locked --package platform --lib -- tableur
	PROPTEST_CASES=$(CASES) cargo test --locked --package oidc --package mandats --lib

bench: assets
	@node scripts/bench.mjs

fmt:
	cargo fmt --all

# What the browser receives and the tables of the territory, embedded in the binary. Each step is
# skipped when nothing changed.
assets: assets/node_modules/.package-lock.json
	@node assets/build.mjs

# No package may run a script of its own on the machine that builds.
%/node_modules/.package-lock.json: %/package-lock.json %/package.json
	@scripts/setup build
	cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
