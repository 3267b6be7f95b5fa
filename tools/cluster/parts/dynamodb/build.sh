#!/usr/bin/env bash
# build.sh OUTPUT_FOLDER
# DynamoDB Local with its libraries, unchanged, from Maven, and a launcher; needs Java 17 or later and Maven.
set -euo pipefail
output=$(realpath -m "${1:?usage: build.sh OUTPUT_FOLDER}")
cd "$(dirname "$0")"
mkdir -p "$output/lib"
mvn --batch-mode --quiet --file pom.xml dependency:copy-dependencies "-DoutputDirectory=$output/lib" -DincludeScope=runtime
cat > "$output/dynamodb-local" << 'LAUNCHER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec java -Xmx256m "-Djava.library.path=$here/lib" -cp "$here/lib/*" software.amazon.dynamodb.services.local.main.ServerRunner "$@"
LAUNCHER
chmod 755 "$output/dynamodb-local"
