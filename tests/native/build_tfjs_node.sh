#!/usr/bin/env bash
# Builds @tensorflow/tfjs-node for Linux x64 where its own install script cannot
# download TensorFlow: the addon from the package's sources, linked to the
# library of pip's tensorflow_cpu. Then the native tests run by
#
#     MFP_TFJS_NATIVE=DIR deno test -A tests/tfjs
#
# Usage: build_tfjs_node.sh DIR
#
# On some processors this TensorFlow dies in convolutions with 1024 and more
# output channels, in Python too, unless TF_ENABLE_ONEDNN_OPTS is 0.
#
# Needs npm, pip, a C++17 compiler (or those that PYTHON and CXX name) and 2 GB.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "Usage: $0 DIR" >&2
  exit 2
fi
mkdir -p "$1"
directory=$(cd "$1" && pwd)
python=${PYTHON:-python3}

npm install --prefix "$directory" --ignore-scripts --no-audit --no-fund \
  --no-save @tensorflow/tfjs-node@4.22.0 node-api-headers@1.9.0
"$python" -m pip install --quiet --no-deps --upgrade \
  --target "$directory/python" tensorflow_cpu==2.21.0

package=$directory/node_modules/@tensorflow/tfjs-node
tensorflow=$directory/python/tensorflow
addon=$package/lib/napi-v8/tfjs_binding.node
mkdir -p "$(dirname "$addon")"
"${CXX:-g++}" -shared -fPIC -O2 -std=c++17 \
  -I "$directory/node_modules/node-api-headers/include" \
  -I "$tensorflow/include" -I "$package" \
  "$package"/binding/*.cc -o "$addon" \
  "$tensorflow/libtensorflow_cc.so.2" \
  "$tensorflow/libtensorflow_framework.so.2" \
  -Wl,-rpath,"$tensorflow"
echo "Built $addon"
