#!/usr/bin/env bash
# Build ros2_ws, and test it, where no ROS is installed: from the wheels of one distribution.
#
#   ros2_ws/build.sh kilted|jazzy [test]
#
# Everything goes to build/ros2/DISTRO: the environment with the pinned build tools, and the install
# space, whose setup.bash is sourced afterwards. Where ROS is installed, colcon build does it alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
distro=${1:-kilted} task=${2:-build}
pins=requirements/ros2-$distro.txt
[ -f "$pins" ] || { echo "no wheels are pinned for $distro; valid are kilted, jazzy" >&2; exit 2; }
if [ -n "${ROS_DISTRO:-}" ]; then
    echo "a ROS 2 is sourced: run 'colcon build' in ros2_ws instead" >&2
    exit 2
fi

place=$PWD/build/ros2/$distro venv=$PWD/build/ros2/$distro/venv python=${PYTHON:-python3}
# Another environment's wheels would lend their libraries to this one's.
unset _ROS_WHEELS_BOOTSTRAP_COMPLETE LD_LIBRARY_PATH PYTHONPATH AMENT_PREFIX_PATH CMAKE_PREFIX_PATH

if ! cmp -s "$pins" "$place/installed.txt"; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --disable-pip-version-check --quiet --no-deps -r "$pins"
    # The wheels were built in a container, whose paths of Python and NumPy stand in their CMake files.
    include=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    numpy=$("$venv/bin/python" -c 'import numpy; print(numpy.get_include())')
    grep -rlZ /opt/python/cp3 "$venv/share" --include='*.cmake' | xargs -0 sed -E -i \
        -e "s#/opt/python/cp3[0-9]+-cp3[0-9]+/lib/python3.[0-9]+/site-packages/numpy/(_core|core)/include#$numpy#g" \
        -e "s#/opt/python/cp3[0-9]+-cp3[0-9]+/include/python3.[0-9]+#$include#g"
    cp "$pins" "$place/installed.txt"
fi

export PATH=$venv/bin:$PATH VIRTUAL_ENV=$venv AMENT_PREFIX_PATH=$venv
# Flood_motion's tests import flood_bridge; the wheels' prefix has no setup script, which is said.
export PYTHONPATH=$PWD PYTHONWARNINGS=ignore
# Tf2_msgs stands in for the one of ROS, which is no wheel.
spaces=(--base-paths ros2_ws/src ros2_ws/without_ros
    --build-base "$place/build" --install-base "$place/install")
colcon --log-base "$place/log" build "${spaces[@]}" --executor sequential \
    --cmake-args -DBUILD_TESTING=OFF 2> >(grep -v -e 'AMENT_PREFIX_PATH' -e '^$' >&2)
if [ "$task" = test ]; then
    colcon --log-base "$place/log" test "${spaces[@]}" --executor sequential \
        --packages-select flood_motion --event-handlers console_direct+ --return-code-on-test-failure \
        --pytest-args -q -p no:cacheprovider
fi
