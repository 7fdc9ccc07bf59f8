using System;
using FloodBridge.Core;
using NUnit.Framework;

namespace FloodBridge.Tests
{
    /// <summary>
    /// Any humanoid takes the pose: bones with other axes, other lengths, other resting poses, with transforms between
    /// them, and without the bones that are not compulsory.
    /// </summary>
    public class RigTests
    {
        private static readonly int[] Optional = { 6, 9, 10, 11, 12, 13, 14 };

        private readonly BodySkeleton source = Source();

        [Test]
        public void EveryBoneTurnsAsItsJoint()
        {
            for (int seed = 0; seed < 20; seed++)
            {
                var avatar = new Avatar(seed, 1.7f, new int[0]);
                foreach (double secs in new[] { 0.0, 0.4, 1.3 })
                {
                    BodyPose pose = Performer.Truth(secs);
                    avatar.Take(pose, source, RootMode.MoveHips);
                    Quat[] world = World(pose);
                    for (int joint = 0; joint < HumanBody.JointCount; joint++)
                    {
                        AssertSame(world[joint], avatar.Turned(joint), "joint " + joint);
                    }
                }
            }
        }

        [Test]
        public void TheTPoseIsTheTPose()
        {
            var avatar = new Avatar(3, 0.6f, new int[0]);
            var pose = new BodyPose { RootPosition = new Vec3(0f, source.HipsHeight, 0f) };
            avatar.Take(pose, source, RootMode.MoveHips);
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                AssertSame(Quat.Identity, avatar.Turned(joint), "joint " + joint);
            }
            Vec3 off = avatar.Rig.HipsPosition - avatar.Rest[0].Position;
            Assert.Less(off.Length, 1e-5f, "a straight stand is the avatar's own");
        }

        [Test]
        public void LimbsPointAsTheSourcesDoWhateverBonesAreMissing()
        {
            for (int mask = 0; mask < 1 << Optional.Length; mask++)
            {
                int[] missing = Array.FindAll(Optional, j => (mask >> Array.IndexOf(Optional, j) & 1) != 0);
                // Unity has no upper chest without a chest.
                if (Array.IndexOf(missing, 6) >= 0 && Array.IndexOf(missing, 9) < 0)
                {
                    continue;
                }
                var avatar = new Avatar(mask, 1f, missing);
                BodyPose pose = Performer.Truth(0.7);
                avatar.Take(pose, source, RootMode.MoveHips);
                Quat[] world = World(pose);
                foreach (int joint in new[] { 0, 1, 2, 4, 5, 7, 8, 15, 16, 17, 18, 19, 20, 21 })
                {
                    AssertSame(world[joint], avatar.Turned(joint), "joint " + joint + " of " + mask);
                }
            }
        }

        [Test]
        public void MissingSpineBonesBendInThoseBelow()
        {
            BodyPose pose = Performer.Truth(0.7);
            Quat[] world = World(pose);
            var noUpper = new Avatar(1, 1f, new[] { 9 });
            noUpper.Take(pose, source, RootMode.MoveHips);
            AssertSame(world[9], noUpper.Turned(6), "the chest ends where the upper chest would");
            AssertSame(world[3], noUpper.Turned(3), "the spine is its own");
            var onlySpine = new Avatar(1, 1f, new[] { 6, 9 });
            onlySpine.Take(pose, source, RootMode.MoveHips);
            AssertSame(world[9], onlySpine.Turned(3), "the spine bends all of it");
        }

        [Test]
        public void StepsGrowWithTheLegsSoThatFeetStayPlanted()
        {
            var avatar = new Avatar(5, 1.6f, new int[0]);
            float scale = avatar.Rig.Scale(source);
            Assert.AreEqual(1.6f, scale, 1e-4f);
            for (double secs = 0.0; secs < 2.0; secs += 0.1)
            {
                BodyPose pose = Performer.Truth(secs);
                var joints = new Vec3[HumanBody.JointCount];
                source.Place(pose, joints, new Quat[HumanBody.JointCount]);
                avatar.Take(pose, source, RootMode.MoveHips);
                Vec3 foot = avatar.Foot();
                Vec3 ground = avatar.Rest[0].Position
                    - new Vec3(0f, scale * source.HipsHeight, 0f);
                Assert.Less((foot - (joints[7] * scale + ground)).Length, 1e-4f);
            }
        }

        [Test]
        public void TheWayGoesWhereTheModeSays()
        {
            BodyPose pose = Performer.Truth(1.1);
            var avatar = new Avatar(2, 1f, new int[0]);
            Vec3 rest = avatar.Rest[0].Position;
            avatar.Take(pose, source, RootMode.MoveHips);
            Vec3 free = avatar.Rig.HipsPosition;
            Assert.AreEqual(pose.RootPosition.X, free.X - rest.X, 1e-5f);
            Assert.AreEqual(pose.RootPosition.Z, free.Z - rest.Z, 1e-5f);
            foreach (RootMode mode in new[] { RootMode.MoveCharacter, RootMode.InPlace })
            {
                avatar.Take(pose, source, mode);
                Vec3 held = avatar.Rig.HipsPosition;
                Assert.AreEqual(0f, held.X - rest.X, 1e-6f);
                Assert.AreEqual(0f, held.Z - rest.Z, 1e-6f);
                Assert.AreEqual(free.Y, held.Y, 1e-6f);
                AssertSame(Quat.FromYaw(-pose.Yaw) * pose.Rotations[0], avatar.Turned(0), "hips");
                Assert.AreEqual(0f, avatar.Turned(0).Yaw, 1e-5f);
            }
        }

        [Test]
        public void StepsAddUpToTheWay()
        {
            var root = new RootMotion();
            Vec3 position = Vec3.Zero;
            float yaw = 0f;
            root.Follow(Performer.Truth(0.0));
            Assert.AreEqual(0f, root.Step.Length + Math.Abs(root.Turn), "the first pose is no step");
            BodyPose first = Performer.Truth(0.0);
            for (int i = 1; i <= 600; i++)
            {
                root.Follow(Performer.Truth(i / 60.0));
                position += Quat.FromYaw(yaw) * root.Step;
                yaw += root.Turn;
            }
            BodyPose end = Performer.Truth(10.0);
            Vec3 way = Quat.FromYaw(-first.Yaw) * (end.RootPosition - first.RootPosition);
            way.Y = 0f;
            Assert.Less((way - position).Length, 1e-3f);
            Assert.AreEqual(0f, Angles.Wrapped(end.Yaw - first.Yaw - yaw), 1e-3f);
        }

        [Test]
        public void BeingPutElsewhereIsNoStep()
        {
            var root = new RootMotion();
            var pose = new BodyPose();
            root.Follow(pose);
            pose.RootPosition = new Vec3(3f, 0f, 0f);
            root.Follow(pose);
            Assert.AreEqual(0f, root.Step.Length);
            pose.RootPosition = new Vec3(3.1f, 2f, 0f);
            root.Follow(pose);
            Assert.AreEqual(0.1f, root.Step.Length, 1e-5f);
        }

        [Test]
        public void WhatCannotBeMovedIsSaid()
        {
            Assert.IsNull(new Avatar(0, 1f, new int[0]).Rig.Problem);
            Assert.IsNull(new Avatar(0, 1f, Optional).Rig.Problem);
            StringAssert.Contains("missing", new Avatar(0, 1f, new[] { 4 }).Rig.Problem);
            StringAssert.Contains("length", new HumanoidRig(AllAtOrigin()).Problem);
        }

        [Test]
        public void ChainsOfTransformsAddUp()
        {
            RestPose hips = RestPose.Origin
                .Below(Vec3.Zero, Quat.Exp(new Vec3((float)(-Math.PI / 2), 0f, 0f)),
                    new Vec3(0.01f, 0.01f, 0.01f))
                .Below(new Vec3(0f, 0f, 95f), Quat.FromYaw(0.3f), new Vec3(1f, 1f, 1f));
            Assert.Less((hips.Position - new Vec3(0f, 0.95f, 0f)).Length, 1e-5f);
            AssertSame(Quat.Exp(new Vec3((float)(-Math.PI / 2), 0f, 0f)) * Quat.FromYaw(0.3f),
                hips.Rotation, "hips");
        }

        [Test]
        public void TheFigureHasASpindleOnEveryBone()
        {
            var joints = new Vec3[HumanBody.JointCount];
            var turns = new Quat[HumanBody.JointCount];
            var vertices = new Vec3[StickFigure.VertexCount];
            source.Place(Performer.Truth(0.5), joints, turns);
            StickFigure.Fill(joints, turns, vertices);
            for (int joint = 1; joint < HumanBody.JointCount; joint++)
            {
                int at = (joint - 1) * StickFigure.VerticesPerSpindle;
                Vec3 parent = joints[HumanBody.Parents[joint]];
                Assert.AreEqual(0f, (vertices[at] - parent).Length, "it begins at the parent");
                Assert.AreEqual(0f, (vertices[at + 12] - joints[joint]).Length, "and ends at the joint");
            }
            foreach (Vec3 vertex in vertices)
            {
                Assert.IsTrue(vertex.IsWithin(5f));
            }
            Assert.AreEqual(-1, StickFigure.Side(1));
            Assert.AreEqual(1, StickFigure.Side(2));
            Assert.AreEqual(0, StickFigure.Side(0));
        }

        [Test]
        public void FacesOfTheFigureLookOutwards()
        {
            var joints = new Vec3[HumanBody.JointCount];
            var turns = new Quat[HumanBody.JointCount];
            var vertices = new Vec3[StickFigure.VertexCount];
            source.Place(Performer.Truth(0.5), joints, turns);
            StickFigure.Fill(joints, turns, vertices);
            for (int corner = 0; corner < vertices.Length; corner += 3)
            {
                int spindle = corner / StickFigure.VerticesPerSpindle;
                int start = spindle * StickFigure.VerticesPerSpindle;
                Vec3 middle = Vec3.Lerp(vertices[start], vertices[start + 12], 0.25f);
                Vec3 a = vertices[corner];
                // Unity's front faces are clockwise: in left-handed axes the cross product points out.
                Vec3 normal = Vec3.Cross(vertices[corner + 1] - a, vertices[corner + 2] - a);
                Assert.Greater(Vec3.Dot(normal, a + vertices[corner + 1] + vertices[corner + 2]
                    - middle * 3f), 0f, "triangle " + corner / 3);
            }
        }

        private static RestBone[] AllAtOrigin()
        {
            var bones = new RestBone[HumanBody.JointCount];
            for (int i = 0; i < bones.Length; i++)
            {
                bones[i] = new RestBone
                {
                    IsPresent = true, Rotation = Quat.Identity, ParentRotation = Quat.Identity,
                };
            }
            return bones;
        }

        private static Quat[] World(BodyPose pose)
        {
            var world = new Quat[HumanBody.JointCount];
            Source().Place(pose, new Vec3[HumanBody.JointCount], world);
            return world;
        }

        private static void AssertSame(Quat expected, Quat actual, string what)
        {
            Assert.Less((expected.Inverse * actual).Angle, 2e-3f, what);
        }

        private static BodySkeleton Source()
        {
            var stream = new FloodStream();
            byte[] datagram = new Performer().Skeleton();
            stream.Accept(datagram, datagram.Length, 0.0);
            return stream.Character(0).Skeleton;
        }

        /// <summary>
        /// An avatar with the source's T-pose at another size, whose bones have axes of their own, with a transform
        /// between every two bones, as twist bones and armatures put there.
        /// </summary>
        private sealed class Avatar
        {
            public readonly RestBone[] Rest = new RestBone[HumanBody.JointCount];
            public readonly HumanoidRig Rig;

            private readonly bool[] isMissing = new bool[HumanBody.JointCount];

            public Avatar(int seed, float size, int[] missing)
            {
                var random = new Random(seed);
                BodySkeleton body = Source();
                foreach (int joint in missing)
                {
                    isMissing[joint] = true;
                }
                for (int joint = 0; joint < HumanBody.JointCount; joint++)
                {
                    int parent = HumanBody.Parents[joint];
                    Vec3 from = parent < 0 ? new Vec3(0.01f, 1.1f * size, -0.02f) : Rest[parent].Position;
                    Rest[joint] = new RestBone
                    {
                        IsPresent = !isMissing[joint],
                        Position = from + body.Offsets[joint] * size,
                        Rotation = Any(random),
                        ParentRotation = Any(random),
                    };
                }
                Rig = new HumanoidRig(Rest);
            }

            public void Take(BodyPose pose, BodySkeleton source, RootMode mode)
            {
                Rig.Take(pose, source, mode);
            }

            /// <summary>How a bone has turned in the character's space since the T-pose, as a scene would.</summary>
            public Quat Turned(int joint)
            {
                return Scene(joint) * Rest[joint].Rotation.Inverse;
            }

            public Vec3 Foot()
            {
                Vec3 at = Rig.HipsPosition;
                foreach (int joint in new[] { 1, 4, 7 })
                {
                    int parent = HumanBody.Parents[joint];
                    at += Turned(parent) * (Rest[joint].Position - Rest[parent].Position);
                }
                return at;
            }

            /// <summary>Rotation of the bone: that of the transform above it times the local one.</summary>
            private Quat Scene(int joint)
            {
                int parent = HumanBody.Parents[joint];
                while (parent >= 0 && isMissing[parent])
                {
                    parent = HumanBody.Parents[parent];
                }
                // The transform between is fixed to the bone above: it turns with it.
                Quat turned = parent < 0 ? Quat.Identity
                    : Scene(parent) * Rest[parent].Rotation.Inverse;
                return turned * Rest[joint].ParentRotation * Rig.LocalRotation(joint);
            }

            private static Quat Any(Random random)
            {
                return Quat.Exp(new Vec3(
                    (float)(4.0 * random.NextDouble() - 2.0), (float)(4.0 * random.NextDouble() - 2.0),
                    (float)(4.0 * random.NextDouble() - 2.0)));
            }
        }
    }
}
