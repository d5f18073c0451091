#!/bin/sh
# The compiler behind ccache: ccache.sh COMPILER ARGUMENT…
# Clones in different folders share one cache (base_dir, nohashdir). A miss costs no run of the preprocessor (depend), and
# of a precompiled header the checksum is read that is kept beside it, in the place of its 100 to 200 MB for each source.
export CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 CCACHE_PCH_EXTSUM=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
CCACHE_BASEDIR=$(dirname "$(dirname "$0")")
export CCACHE_BASEDIR
before='' output=''
for word; do
  [ "$before" = -o ] && output=$word
  before=$word
done
case $output in *.gch) ;; *) exec ccache "$@" ;; esac
ccache "$@" || exit
sha256sum <"$output" >"$output.sum"
