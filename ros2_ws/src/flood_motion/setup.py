"""The ament_python package: the node, the console, launch files and the RViz layout."""

from glob import glob

from setuptools import setup

setup(
    name="flood_motion",
    version="0.1.0",
    packages=["flood_motion"],
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/flood_motion"]),
        ("share/flood_motion", ["package.xml"]),
        ("share/flood_motion/launch", glob("../../../launch/*.launch.py")),
        ("share/flood_motion/rviz", glob("rviz/*.rviz")),
    ],
    install_requires=["setuptools"],
    zip_safe=True,
    maintainer="The flood_bridge authors",
    maintainer_email="flood-bridge@users.noreply.github.com",
    description="A ROS 2 node beside the flood_bridge daemon",
    license="Apache-2.0",
    tests_require=["pytest"],
    entry_points={
        "console_scripts": [
            "node = flood_motion.node:main",
            "teleop_text = flood_motion.teleop_text:main",
            "play_bag = flood_motion.play_bag:main",
            "urdf = flood_motion.urdf:main",
        ]
    },
)
