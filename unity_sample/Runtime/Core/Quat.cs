using System;

namespace FloodBridge.Core
{
    /// <summary>
    /// A rotation as a unit quaternion, written x, y, z, w like Unity's. <c>a * b</c> turns by b, then by a. In Unity's
    /// left-handed axes a positive angle about +y turns to the right (clockwise from above).
    /// </summary>
    public struct Quat
    {
        private const float Parallel = 0.9995f;

        public float X;
        public float Y;
        public float Z;
        public float W;

        public Quat(float x, float y, float z, float w)
        {
            X = x;
            Y = y;
            Z = z;
            W = w;
        }

        public static readonly Quat Identity = new Quat(0f, 0f, 0f, 1f);

        /// <summary>The rotation backwards; for a unit quaternion its conjugate.</summary>
        public Quat Inverse
        {
            get { return new Quat(-X, -Y, -Z, W); }
        }

        /// <summary>Radians, the shorter way round.</summary>
        public float Angle
        {
            get { return 2f * (float)Math.Atan2(Math.Sqrt(X * X + Y * Y + Z * Z), Math.Abs(W)); }
        }

        /// <summary>Turn to the right about the vertical, radians: the twist about +y of this rotation.</summary>
        public float Yaw
        {
            get { return (float)Math.IEEERemainder(2.0 * Math.Atan2(Y, W), 2.0 * Math.PI); }
        }

        public static Quat FromYaw(float yaw)
        {
            return new Quat(0f, (float)Math.Sin(0.5 * yaw), 0f, (float)Math.Cos(0.5 * yaw));
        }

        /// <summary>The rotation about <paramref name="turn"/> by its length in radians.</summary>
        public static Quat Exp(Vec3 turn)
        {
            double angle = turn.Length;
            float scale = angle < 1e-6 ? 0.5f : (float)(Math.Sin(0.5 * angle) / angle);
            return new Quat(
                turn.X * scale, turn.Y * scale, turn.Z * scale, (float)Math.Cos(0.5 * angle));
        }

        /// <summary>Axis times angle in radians, the shorter way round: undoes <see cref="Exp"/>.</summary>
        public static Vec3 Log(Quat q)
        {
            float sine = (float)Math.Sqrt(q.X * q.X + q.Y * q.Y + q.Z * q.Z);
            float sign = q.W < 0f ? -1f : 1f;
            float scale = sine < 1e-6f ? 2f : (float)(2.0 * Math.Atan2(sine, sign * q.W) / sine);
            return new Vec3(q.X, q.Y, q.Z) * (scale * sign);
        }

        public static Quat operator *(Quat a, Quat b)
        {
            return new Quat(
                a.W * b.X + a.X * b.W + a.Y * b.Z - a.Z * b.Y,
                a.W * b.Y - a.X * b.Z + a.Y * b.W + a.Z * b.X,
                a.W * b.Z + a.X * b.Y - a.Y * b.X + a.Z * b.W,
                a.W * b.W - a.X * b.X - a.Y * b.Y - a.Z * b.Z);
        }

        public static Vec3 operator *(Quat q, Vec3 v)
        {
            Vec3 axis = new Vec3(q.X, q.Y, q.Z);
            Vec3 half = Vec3.Cross(axis, v);
            return v + half * (2f * q.W) + Vec3.Cross(axis, half) * 2f;
        }

        public static float Dot(Quat a, Quat b)
        {
            return a.X * b.X + a.Y * b.Y + a.Z * b.Z + a.W * b.W;
        }

        /// <summary>Make the length 1; false, and unchanged, if it is far from that or not a number.</summary>
        public static bool TryNormalise(ref Quat q)
        {
            float square = Dot(q, q);
            if (!(square > 0.25f && square < 4f))
            {
                return false;
            }
            q = Scaled(q, 1f / (float)Math.Sqrt(square));
            return true;
        }

        /// <summary>
        /// Along the shorter arc at constant speed; <paramref name="share"/> may leave 0 to 1.
        /// </summary>
        public static Quat Slerp(Quat a, Quat b, float share)
        {
            float cosine = Dot(a, b);
            float sign = cosine < 0f ? -1f : 1f;
            cosine *= sign;
            if (cosine > Parallel)
            {
                return Mixed(a, 1f - share, b, sign * share);
            }
            double angle = Math.Acos(cosine);
            double scale = 1.0 / Math.Sin(angle);
            float first = (float)(Math.Sin((1.0 - share) * angle) * scale);
            return Mixed(a, first, b, sign * (float)(Math.Sin(share * angle) * scale));
        }

        private static Quat Mixed(Quat a, float first, Quat b, float second)
        {
            Quat sum = new Quat(
                a.X * first + b.X * second,
                a.Y * first + b.Y * second,
                a.Z * first + b.Z * second,
                a.W * first + b.W * second);
            return Scaled(sum, 1f / (float)Math.Sqrt(Dot(sum, sum)));
        }

        private static Quat Scaled(Quat q, float factor)
        {
            return new Quat(q.X * factor, q.Y * factor, q.Z * factor, q.W * factor);
        }

        public override string ToString()
        {
            return "(" + X + ", " + Y + ", " + Z + ", " + W + ")";
        }
    }
}
