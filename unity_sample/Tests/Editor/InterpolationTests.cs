using System;
using FloodBridge.Core;
using NUnit.Framework;

namespace FloodBridge.Tests
{
    /// <summary>Between the frames the motion is as smooth as the one they were taken from.</summary>
    public class InterpolationTests
    {
        private const double FrameSecs = 0.05;

        [Test]
        public void FramesAreMetExactly()
        {
            JitterBuffer frames = Frames(0, 1, 2, 3, 4, 5);
            for (int i = 0; i < 6; i++)
            {
                BodyPose pose = At(frames, i * FrameSecs);
                Assert.Less(Performer.Apart(pose, Performer.Truth(i * FrameSecs)), 1e-3f);
            }
        }

        [Test]
        public void BetweenFramesTheErrorIsSmall()
        {
            JitterBuffer frames = Frames(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
            float held = 0f;
            float cubic = 0f;
            float way = 0f;
            for (double secs = FrameSecs; secs < 8 * FrameSecs; secs += 0.003)
            {
                BodyPose truth = Performer.Truth(secs);
                BodyPose pose = At(frames, secs);
                BodyPose before = Performer.Truth(Math.Floor(secs / FrameSecs) * FrameSecs);
                cubic = Math.Max(cubic, Performer.Apart(truth, pose));
                held = Math.Max(held, Performer.Apart(truth, before));
                way = Math.Max(way, (truth.RootPosition - pose.RootPosition).Length);
            }
            Assert.Less(cubic, 0.002f, "radians");
            Assert.Greater(held, 0.2f, "what showing the last frame would err");
            Assert.Less(way, 0.001f, "metres");
        }

        [Test]
        public void PositionsAndVelocitiesAreContinuousAlsoOverLostFrames()
        {
            JitterBuffer frames = Frames(0, 1, 2, 4, 5, 8, 9, 10, 11);
            const double step = 0.0005;
            Vec3 lastTurn = Vec3.Zero;
            Vec3 lastMove = Vec3.Zero;
            for (double secs = FrameSecs; secs < 10 * FrameSecs; secs += step)
            {
                BodyPose a = At(frames, secs);
                BodyPose b = At(frames, secs + step);
                Vec3 turn = Quat.Log(a.Rotations[5].Inverse * b.Rotations[5]) * (float)(1.0 / step);
                Vec3 move = (b.RootPosition - a.RootPosition) * (float)(1.0 / step);
                if (secs > FrameSecs)
                {
                    Assert.Less((turn - lastTurn).Length, 0.15f, "at " + secs);
                    Assert.Less((move - lastMove).Length, 0.02f, "at " + secs);
                }
                lastTurn = turn;
                lastMove = move;
            }
        }

        [Test]
        public void WithoutNewFramesTheMotionRunsOutAndStands()
        {
            JitterBuffer frames = Frames(0, 1, 2, 3);
            double end = 3 * FrameSecs;
            BodyPose still = At(frames, end + FrameSecs);
            Vec3 speed = (At(frames, end + 0.001).RootPosition - At(frames, end).RootPosition) * 1000f;
            Vec3 before = (At(frames, end).RootPosition - At(frames, end - 0.001).RootPosition) * 1000f;
            Assert.Less((speed - before).Length, 0.1f, "it goes on as it was");
            for (double secs = end + FrameSecs; secs < end + 3.0; secs += 0.1)
            {
                BodyPose pose = At(frames, secs);
                Assert.Less(Performer.Apart(still, pose), 1e-3f);
                Assert.AreEqual(0f, (still.RootPosition - pose.RootPosition).Length, 1e-6f);
            }
            float run = (still.RootPosition - At(frames, end).RootPosition).Length;
            Assert.That(run, Is.InRange(0.01f, 0.05f));
        }

        [Test]
        public void AFrameThatSaysItJumpedIsNotGlidedInto()
        {
            JitterBuffer frames = Frames(0, 1, 2, 3, 4);
            frames[3].RootPosition += new Vec3(0.2f, 0f, 0f);
            frames[4].RootPosition += new Vec3(0.2f, 0f, 0f);
            frames[3].Flags |= FrameFlags.Jumped;
            for (double secs = 2 * FrameSecs; secs < 3 * FrameSecs; secs += 0.002)
            {
                BodyPose pose = At(frames, secs);
                Assert.Less(Performer.Apart(pose, frames[2]), 1e-5f, "the frame before is held");
            }
            Assert.Less(Performer.Apart(At(frames, 3 * FrameSecs), frames[3]), 1e-5f);
        }

        [Test]
        public void ABodyThatIsPutElsewhereDoesNotGlideThere()
        {
            JitterBuffer frames = Frames(0, 1, 2, 3, 4);
            frames[3].RootPosition += new Vec3(50f, 0f, 0f);
            frames[4].RootPosition += new Vec3(50f, 0f, 0f);
            for (double secs = 0.0; secs < 4 * FrameSecs; secs += 0.002)
            {
                float x = At(frames, secs).RootPosition.X;
                Assert.That(x < 1f || x > 49f, "at " + secs + ": " + x);
            }
        }

        [Test]
        public void OneFrameIsShownAsItIs()
        {
            JitterBuffer frames = Frames(4);
            foreach (double secs in new[] { -1.0, 0.2, 0.21, 100.0 })
            {
                Assert.Less(Performer.Apart(At(frames, secs), Performer.Truth(0.2)), 1e-3f);
            }
        }

        private static BodyPose At(JitterBuffer frames, double secs)
        {
            var pose = new BodyPose();
            int index;
            MotionInterpolator.Sample(frames, secs, FrameSecs, pose, out index);
            return pose;
        }

        private static JitterBuffer Frames(params int[] sequences)
        {
            var frames = new JitterBuffer();
            foreach (int sequence in sequences)
            {
                frames.Free.CopyFrom(Performer.Truth(sequence * FrameSecs));
                frames.Free.Sequence = sequence;
                frames.Free.PlaySecs = sequence * FrameSecs;
                frames.Insert();
            }
            return frames;
        }
    }
}
