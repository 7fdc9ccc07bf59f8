using System;

namespace FloodBridge.Core
{
    /// <summary>What could be shown.</summary>
    public enum Showing
    {
        /// <summary>Between two frames, or before the first.</summary>
        Motion,

        /// <summary>No newer frame has come: the motion runs out softly and stops.</summary>
        RunOut,
    }

    /// <summary>
    /// Cubic interpolation in time. Positions are Hermite splines with central differences; rotations are the same
    /// on the sphere: Bezier curves by de Casteljau's construction with slerp (Shoemake 1985). Positions and
    /// velocities are continuous, also over frames that were lost.
    /// </summary>
    public static class MotionInterpolator
    {
        private const float CutSpeed = 15f;
        private const float CutDistance = 0.5f;

        /// <summary>
        /// Write the pose at <paramref name="headSecs"/> into <paramref name="pose"/>; the buffer is not empty.
        /// <paramref name="index"/> is the frame that is shown or has just been.
        /// </summary>
        public static Showing Sample(
            JitterBuffer frames, double headSecs, double frameSecs, BodyPose pose, out int index)
        {
            index = frames.Count - 1;
            while (index > 0 && frames[index].PlaySecs > headSecs)
            {
                index--;
            }
            MotionFrame from = frames[index];
            if (headSecs <= from.PlaySecs)
            {
                pose.CopyFrom(from);
                return Showing.Motion;
            }
            MotionFrame before = index > 0 ? Joined(frames[index - 1], from) : null;
            if (index == frames.Count - 1)
            {
                RunOut(before, from, headSecs, frameSecs, pose);
                return Showing.RunOut;
            }
            MotionFrame to = Joined(frames[index + 1], from);
            if (to == null)
            {
                pose.CopyFrom(from);
                return Showing.Motion;
            }
            MotionFrame after = index + 2 < frames.Count ? Joined(frames[index + 2], to) : null;
            Between(before ?? from, from, to, after ?? to, headSecs, pose);
            return Showing.Motion;
        }

        /// <summary>
        /// Whether the body was put elsewhere from one frame to the other: no motion leads there.
        /// </summary>
        public static bool IsCut(MotionFrame a, MotionFrame b)
        {
            MotionFrame later = b.PlaySecs > a.PlaySecs ? b : a;
            if ((later.Flags & FrameFlags.Jumped) != 0)
            {
                return true;
            }
            float distance = (b.RootPosition - a.RootPosition).Length;
            double elapsed = Math.Abs(b.PlaySecs - a.PlaySecs);
            return distance > CutDistance && distance > CutSpeed * elapsed;
        }

        private static MotionFrame Joined(MotionFrame neighbour, MotionFrame frame)
        {
            return IsCut(neighbour, frame) ? null : neighbour;
        }

        private static void Between(
            MotionFrame before, MotionFrame from, MotionFrame to, MotionFrame after,
            double headSecs, BodyPose pose)
        {
            double length = to.PlaySecs - from.PlaySecs;
            float share = (float)((headSecs - from.PlaySecs) / length);
            // A third of each end's velocity times the length: the inner points of a Bezier curve.
            float start = (float)(length / (3.0 * (to.PlaySecs - before.PlaySecs)));
            float end = (float)(length / (3.0 * (after.PlaySecs - from.PlaySecs)));
            pose.RootPosition = Bezier(
                from.RootPosition,
                from.RootPosition + (to.RootPosition - before.RootPosition) * start,
                to.RootPosition - (after.RootPosition - from.RootPosition) * end,
                to.RootPosition,
                share);
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                Quat a = from.Rotations[joint];
                Quat b = to.Rotations[joint];
                Quat leaving = Quat.Slerp(before.Rotations[joint], b, start);
                Quat arriving = Quat.Slerp(after.Rotations[joint], a, end);
                leaving = a * before.Rotations[joint].Inverse * leaving;
                arriving = b * after.Rotations[joint].Inverse * arriving;
                pose.Rotations[joint] = Bezier(a, leaving, arriving, b, share);
            }
            pose.Yaw = Angles.Lerp(from.Yaw, to.Yaw, share);
            pose.YawRate = from.YawRate + (to.YawRate - from.YawRate) * share;
            pose.Velocity = Vec3.Lerp(from.Velocity, to.Velocity, share);
        }

        /// <summary>Go on as before, ever slower, and stand after one frame's time.</summary>
        private static void RunOut(
            MotionFrame before, MotionFrame last, double headSecs, double frameSecs, BodyPose pose)
        {
            pose.CopyFrom(last);
            pose.Velocity = Vec3.Zero;
            pose.YawRate = 0f;
            if (before == null || frameSecs <= 0.0)
            {
                return;
            }
            double over = Math.Min(headSecs - last.PlaySecs, frameSecs);
            double travelled = over - over * over / (2.0 * frameSecs);
            float share = (float)(1.0 + travelled / (last.PlaySecs - before.PlaySecs));
            pose.RootPosition = Vec3.Lerp(before.RootPosition, last.RootPosition, share);
            pose.Yaw = Angles.Lerp(before.Yaw, last.Yaw, share);
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                pose.Rotations[joint] = Quat.Slerp(
                    before.Rotations[joint], last.Rotations[joint], share);
            }
        }

        private static Vec3 Bezier(Vec3 a, Vec3 b, Vec3 c, Vec3 d, float share)
        {
            Vec3 middle = Vec3.Lerp(b, c, share);
            Vec3 first = Vec3.Lerp(Vec3.Lerp(a, b, share), middle, share);
            return Vec3.Lerp(first, Vec3.Lerp(middle, Vec3.Lerp(c, d, share), share), share);
        }

        private static Quat Bezier(Quat a, Quat b, Quat c, Quat d, float share)
        {
            Quat middle = Quat.Slerp(b, c, share);
            Quat first = Quat.Slerp(Quat.Slerp(a, b, share), middle, share);
            Quat second = Quat.Slerp(middle, Quat.Slerp(c, d, share), share);
            return Quat.Slerp(first, second, share);
        }
    }
}
