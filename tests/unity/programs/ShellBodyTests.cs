using FloodBridge.Core;
using NUnit.Framework;
using UnityEngine;

namespace FloodBridge.Tests
{
    /// <summary>The component moves what it is put on.</summary>
    public class ShellBodyTests : ShellStage
    {
        [Test]
        public void AHumanoidTakesThePoseWhateverItsBonesAreLike()
        {
            StubAvatar avatar = Humanoid(RootMode.MoveHips, 1.2f);
            Play(20);
            Quat[] world = World();
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                float apart = Quaternion.Angle(StubAvatar.Unity(world[joint]), avatar.Turned(joint));
                Assert.Less(apart, 0.1f, "degrees, " + HumanBody.BoneNames[joint]);
            }
            float scale = 1.2f;
            Vec3 pelvis = receiver.Source.Pose.RootPosition;
            Vector3 hips = avatar.Bones[0].position;
            Assert.AreEqual(scale * pelvis.X, hips.x, 1e-3f);
            Assert.AreEqual(
                avatar.RestPlaces[0].y + scale * (pelvis.Y - receiver.Source.Skeleton.HipsHeight),
                hips.y, 1e-3f);
            Assert.AreEqual(0.01f + scale * pelvis.Z, hips.z, 1e-3f);
            Assert.AreEqual(0f, hero.transform.position.magnitude, "the object itself stays");
            Assert.IsNull(receiver.Problem);
        }

        [Test]
        public void TheCharacterWalksFromWhereTheGameHasPutIt()
        {
            StubAvatar avatar = Humanoid(RootMode.MoveCharacter, 1f);
            hero.transform.position = new Vector3(10f, 2f, -5f);
            hero.transform.rotation = StubAvatar.Unity(Quat.FromYaw(1f));
            Play(3);
            BodyPose start = Copy();
            Vector3 place = hero.transform.position;
            Quaternion facing = hero.transform.rotation;
            Play(30);
            Vec3 way = Quat.FromYaw(-start.Yaw)
                * (receiver.Source.Pose.RootPosition - start.RootPosition);
            Vector3 walked = Quaternion.Inverse(facing) * (hero.transform.position - place);
            Assert.Greater(walked.magnitude, 0.1f);
            Assert.AreEqual(way.X, walked.x, 1e-3f);
            Assert.AreEqual(way.Z, walked.z, 1e-3f);
            Assert.AreEqual(2f, hero.transform.position.y, 1e-4f);
            float turn = Angles.Wrapped(receiver.Source.Pose.Yaw - start.Yaw);
            Quaternion turned = facing * StubAvatar.Unity(Quat.FromYaw(turn));
            Assert.Less(Quaternion.Angle(turned, hero.transform.rotation), 0.1f);
            Vector3 hips = hero.transform.InverseTransformPoint(avatar.Bones[0].position);
            Assert.AreEqual(0f, hips.x, 1e-3f, "the hips stay over the character");
        }

        [Test]
        public void AControllerTakesTheSteps()
        {
            Avatar(1f);
            var controller = hero.AddComponent<CharacterController>();
            Receive(RootMode.MoveCharacter);
            Play(20);
            Assert.Greater(controller.Moved.magnitude, 0.05f);
        }

        [Test]
        public void AWeightBelowOneLetsTheAnimatorShineThrough()
        {
            StubAvatar avatar = Humanoid(RootMode.MoveHips, 1f);
            receiver.weight = 0f;
            Quaternion before = avatar.Bones[16].localRotation;
            Play(10);
            Assert.Less(Quaternion.Angle(before, avatar.Bones[16].localRotation), 0.01f);
            avatar.Animator.runtimeAnimatorController = new RuntimeAnimatorController();
            receiver.weight = 0.5f;
            Play(1);
            receiver.weight = 1f;
            hero.Tell("LateUpdate");
            Assert.Greater(Quaternion.Angle(before, avatar.Bones[16].localRotation), 1f);
        }

        [Test]
        public void WithoutAHumanoidAFigureIsDrawn()
        {
            hero = new GameObject("Nobody");
            Receive(RootMode.MoveHips);
            Play(10);
            var filter = hero.GetComponentInChildren<MeshFilter>();
            var joints = new Vec3[HumanBody.JointCount];
            receiver.Source.Skeleton.Place(
                receiver.Source.Pose, joints, new Quat[HumanBody.JointCount]);
            Vector3 drawn = filter.sharedMesh.vertices[14 * StickFigure.VerticesPerSpindle];
            Assert.AreEqual(joints[12].X, drawn.x, 1e-5f, "the neck's end of the head");
            Assert.AreEqual(joints[12].Y, drawn.y, 1e-5f);
            UnityEngine.Object.DestroyImmediate(hero);
            Assert.IsTrue(filter.sharedMesh == null, "it is taken away again");
        }

        [Test]
        public void AnAnimatorThatIsNoHumanoidIsSaid()
        {
            hero = new GameObject("Robot");
            hero.AddComponent<Animator>();
            Receive(RootMode.MoveHips);
            Play(5);
            StringAssert.Contains("Humanoid", receiver.Problem);
        }

        [Test]
        public void OutsidePlayModeNothingIsMovedOrHeardUnlessAskedFor()
        {
            Application.isPlaying = false;
            StubAvatar avatar = Humanoid(RootMode.MoveCharacter, 1f);
            Quaternion before = avatar.Bones[16].localRotation;
            hero.Tell("LateUpdate");
            Assert.IsNull(receiver.Port);
            receiver.previewInEditMode = true;
            hero.Tell("LateUpdate");
            Play(10);
            Gizmos.Lines = 0;
            hero.Tell("OnDrawGizmos");
            Assert.AreEqual(HumanBody.JointCount - 1, Gizmos.Lines);
            Assert.AreEqual(0f, Quaternion.Angle(before, avatar.Bones[16].localRotation), 1e-3f);
            Assert.AreEqual(0f, hero.transform.position.magnitude);
        }
    }
}
