using System;
using FloodBridge.Core;

namespace FloodBridge.Tests
{
    /// <summary>A sender whose motion is known at every moment: smooth, fast, and walking in a circle.</summary>
    internal sealed class Performer
    {
        private readonly int id;

        public Performer(int id = 0)
        {
            this.id = id;
        }

        /// <summary>Datagram with the T-pose of a grown-up: legs of 0.8 m.</summary>
        public byte[] Skeleton()
        {
            byte[] golden = Golden.Stream()[0];
            var datagram = (byte[])golden.Clone();
            datagram[7] = (byte)('0' + id); // golden: /flood/3/skeleton
            return datagram;
        }

        /// <summary>Datagram of one frame.</summary>
        public byte[] Frame(int sequence, double playSecs)
        {
            return Frame(sequence, playSecs, Vec3.Zero);
        }

        public byte[] Frame(int sequence, double playSecs, Vec3 shift)
        {
            OscWriter writer = new OscWriter("/flood/" + id + "/frame").Int(sequence & int.MaxValue)
                .Int((int)((long)Math.Round(playSecs * 1000.0) & int.MaxValue)).Int(0);
            BodyPose pose = Truth(playSecs);
            Write(writer, pose.RootPosition + shift);
            foreach (Quat q in pose.Rotations)
            {
                Write(writer, new Vec3(q.X, q.Y, q.Z));
                writer.Float(q.W);
            }
            return writer.ToDatagram();
        }

        public byte[] Applied(int request, string text, int sequence)
        {
            return new OscWriter("/flood/" + id + "/prompt/applied").Int(request).Text(text)
                .Int(sequence).Int(900).ToDatagram();
        }

        public byte[] Flush(int sequence)
        {
            return new OscWriter("/flood/" + id + "/flush").Int(sequence).ToDatagram();
        }

        /// <summary>The pose at a moment. Limbs swing up to 60 degrees, twice in three seconds.</summary>
        public static BodyPose Truth(double secs)
        {
            var pose = new BodyPose();
            double way = 0.6 * secs;
            pose.RootPosition = new Vec3(
                (float)(2.0 - 2.0 * Math.Cos(way)), (float)(0.93 + 0.03 * Math.Sin(9.0 * secs)),
                (float)(2.0 * Math.Sin(way)));
            Quat heading = Quat.FromYaw((float)way);
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                double swing = Math.Sin(4.2 * secs + joint);
                var turn = new Vec3(1f, 0.3f * (joint % 3), 0.2f) * (joint == 0 ? 0.1f : 1f);
                pose.Rotations[joint] = Quat.Exp(turn * (float)swing);
            }
            pose.Rotations[0] = heading * pose.Rotations[0];
            pose.Yaw = pose.Rotations[0].Yaw;
            return pose;
        }

        /// <summary>Largest angle between the same joints, radians.</summary>
        public static float Apart(BodyPose a, BodyPose b)
        {
            float worst = 0f;
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                worst = Math.Max(worst, (a.Rotations[joint].Inverse * b.Rotations[joint]).Angle);
            }
            return worst;
        }

        private static void Write(OscWriter writer, Vec3 v)
        {
            writer.Float(v.X).Float(v.Y).Float(v.Z);
        }
    }
}
