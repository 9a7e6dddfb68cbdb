# Continuous integration runs .ci/run, of which `just check` is the quick part; the lines themselves stand in .ci/checks.

_default:
    @just --list

# Everything that must hold before a change lands.
check:
    .ci/checks fmt clippy doc deny tests

# README.md's first command without a display, and npm's age-encryption against ours.
system:
    .ci/checks tour interop

# Compiles for Windows, if the target's library can be had.
windows:
    .ci/checks windows

# The long runs: tests that are ignored because they take minutes, and the checks that need the whole system.
nightly: check system windows
    cargo test --release --workspace -- --ignored --nocapture
    just fuzz 600
    # As many as the disk has room for: a gigabyte each.
    SUBROSA_PRACTICES=25 SUBROSA_NOTES=118744 sh tests/interop/practices.sh

# Hostile bytes, for so many seconds each parser.
fuzz SECONDS="15":
    SUBROSA_FUZZ_SECONDS={{SECONDS}} .ci/checks fuzz

# Known holes in what we depend on; needs a network that reaches the advisory database.
advisories:
    cargo deny check advisories

# The benchmarks.
bench:
    cargo bench -p subrosa-tests

# Makes the golden practices of the present format anew: for as long as no release has written it.
golden:
    rm -rf tests/golden/2
    SUBROSA_GOLDEN="$PWD/tests/golden/2" cargo test -p subrosa-tests --test whole a_practice_of_today
    cd tests/golden && sha256sum */* >SHA256SUMS
