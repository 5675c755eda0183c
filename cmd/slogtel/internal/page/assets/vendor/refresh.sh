#!/bin/sh
# Fetches the vendored files again, in the versions named here, and notes their
# SHA-256. Needs npm. Run by: go generate ./cmd/slogtel/internal/page
set -eu
uplot=1.6.32

cd "$(dirname "$0")"
here=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm pack --silent "uplot@$uplot" >/dev/null
tar xzf "uplot-$uplot.tgz"
cp package/dist/uPlot.iife.min.js package/dist/uPlot.min.css "$here"
cp package/LICENSE "$here/uPlot.LICENSE"
cd "$here"
{
	echo "# uPlot $uplot, MIT, the npm package uplot; made by refresh.sh"
	sha256sum uPlot.iife.min.js uPlot.min.css uPlot.LICENSE
} >VERSIONS
