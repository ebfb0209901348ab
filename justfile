# Recipes for people; CI runs the same scripts. `just` alone lists them. (`node_modules/.bin/just` comes with scripts/setup.)

export PATH := justfile_directory() / "node_modules/.bin:" + env("PATH")

_default:
    @just --list --unsorted

# Put all that is needed inside the checkout
setup:
    scripts/setup

# Start every service in the foreground: just up --data /srv/lakehouse
up *ARGS:
    scripts/up {{ ARGS }}

# The main job in one go: CSV in, SQL out
demo *ARGS:
    scripts/demo {{ ARGS }}

# Types, lint, unused code, generated documents
check: setup
    tsc
    biome check .
    knip --no-progress --no-config-hints
    node scripts/tools/generate-docs.ts --check

# Unit and contract tests: just test services/queryd
test *ARGS: setup
    vitest run {{ ARGS }}

# All smokes, or some: just smoke d2 auth
smoke *ARGS:
    scripts/smoke {{ ARGS }}

# Kill, hang, cut off and lie to the services, and hold what is left against a ledger: just torture --minutes 30
torture *ARGS:
    scripts/torture {{ ARGS }}

# Mutate vector indexes under right checksums, against the addon with sanitizers: just fuzz-vectors --files 1000000
fuzz-vectors *ARGS:
    scripts/fuzz-vectors {{ ARGS }}

# Everything CI runs
verify:
    scripts/test

# Time the hot paths beside their peers: all of them, or one: just bench ingest
bench NAME="all" *ARGS: setup
    scripts/bench/{{ NAME }} {{ ARGS }}

# Time every hot path and write docs/baseline.md anew; wants an idle machine and half an hour
baseline *ARGS: setup
    scripts/bench/all --record {{ ARGS }}
    biome check --write docs
    node scripts/tools/generate-docs.ts

# Format the code and write the generated documents anew
format: setup
    biome check --write .
    node scripts/tools/generate-docs.ts
