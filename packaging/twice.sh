# Sourced after environment.sh by the trials: two builds of the last commit, in two folders.
# Usage: . packaging/twice.sh; build_twice packaging/wheel.sh

# Sets $work, gone when the trial ends, and in it $first and $second, each with a dist/ of its own.
build_twice() {
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT INT TERM
    first=$work/first
    second=$work/second-and-elsewhere
    SOURCE_DATE_EPOCH=$("$venv"/bin/python packaging/product.py source_date_epoch)
    export SOURCE_DATE_EPOCH LANDFALL_PACKAGE_VENV="$venv"
    for folder in "$first" "$second"; do
        mkdir "$folder"
        git archive HEAD | tar -x -C "$folder"
        sh "$folder/$1"
    done
}
