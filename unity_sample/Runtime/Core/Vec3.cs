using System;

namespace FloodBridge.Core
{
    /// <summary>A position, direction or velocity in Unity's axes: x right, y up, z forward; metres.</summary>
    public struct Vec3
    {
        public float X;
        public float Y;
        public float Z;

        public Vec3(float x, float y, float z)
        {
            X = x;
            Y = y;
            Z = z;
        }

        public static readonly Vec3 Zero = new Vec3(0f, 0f, 0f);
        public static readonly Vec3 Up = new Vec3(0f, 1f, 0f);

        public float Length
        {
            get { return (float)Math.Sqrt(Dot(this, this)); }
        }

        /// <summary>False if a number is NaN or beyond <paramref name="bound"/>.</summary>
        public bool IsWithin(float bound)
        {
            return Math.Abs(X) <= bound && Math.Abs(Y) <= bound && Math.Abs(Z) <= bound;
        }

        public static Vec3 operator +(Vec3 a, Vec3 b)
        {
            return new Vec3(a.X + b.X, a.Y + b.Y, a.Z + b.Z);
        }

        public static Vec3 operator -(Vec3 a, Vec3 b)
        {
            return new Vec3(a.X - b.X, a.Y - b.Y, a.Z - b.Z);
        }

        public static Vec3 operator *(Vec3 a, float factor)
        {
            return new Vec3(a.X * factor, a.Y * factor, a.Z * factor);
        }

        public static float Dot(Vec3 a, Vec3 b)
        {
            return a.X * b.X + a.Y * b.Y + a.Z * b.Z;
        }

        public static Vec3 Cross(Vec3 a, Vec3 b)
        {
            return new Vec3(
                a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);
        }

        public static Vec3 Lerp(Vec3 a, Vec3 b, float share)
        {
            return a + (b - a) * share;
        }

        public override string ToString()
        {
            return "(" + X + ", " + Y + ", " + Z + ")";
        }
    }
}
