# Compiles the addons, rather than node-gyp, which would want Python. To be sourced in the checkout's top folder by bash.
hnswlib=$(readlink -f services/vectord/node_modules/hnswlib-node)

# vectord's own: every warning is an error. What others wrote comes as system headers, of which none is heard.
own_source=services/vectord/native/addon.cc
own_flags=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Werror
  -DNODE_ADDON_API_CPP_EXCEPTIONS -DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS)

compile() { # SOURCE OUTPUT FLAG…
  echo "compiling ${1##*/} to ${2#"$PWD/"}"
  mkdir -p "${2%/*}"
  c++ -std=c++17 -fPIC -shared "${@:3}" \
    -isystem "$(readlink -f "node_modules/node-linux-$(node -p process.arch)")/include/node" \
    -isystem "$(cd "$hnswlib" && node -p 'path.dirname(require.resolve("node-addon-api"))')" \
    -isystem "$hnswlib/src" "$1" -o "$2.part"
  mv "$2.part" "$2"
}
