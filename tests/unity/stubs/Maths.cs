// Stand-ins for Unity's types, for compiling and running the package's shells without Unity. They do what Unity
// documents, as far as the package uses it; that is no proof that Unity does it.
using System;

namespace UnityEngine
{
    public struct Vector2
    {
        public float x, y;
    }

    public struct Vector3
    {
        public float x, y, z;

        public Vector3(float x, float y, float z)
        {
            this.x = x;
            this.y = y;
            this.z = z;
        }

        public static Vector3 zero
        {
            get { return new Vector3(0f, 0f, 0f); }
        }

        public static Vector3 one
        {
            get { return new Vector3(1f, 1f, 1f); }
        }

        public float magnitude
        {
            get { return (float)Math.Sqrt(x * x + y * y + z * z); }
        }

        public static float Distance(Vector3 a, Vector3 b)
        {
            return (a - b).magnitude;
        }

        public static Vector3 Scale(Vector3 a, Vector3 b)
        {
            return new Vector3(a.x * b.x, a.y * b.y, a.z * b.z);
        }

        public static Vector3 Lerp(Vector3 a, Vector3 b, float t)
        {
            return a + (b - a) * Mathf.Clamp01(t);
        }

        public static Vector3 operator +(Vector3 a, Vector3 b)
        {
            return new Vector3(a.x + b.x, a.y + b.y, a.z + b.z);
        }

        public static Vector3 operator -(Vector3 a, Vector3 b)
        {
            return new Vector3(a.x - b.x, a.y - b.y, a.z - b.z);
        }

        public static Vector3 operator *(Vector3 a, float s)
        {
            return new Vector3(a.x * s, a.y * s, a.z * s);
        }
    }

    public struct Quaternion
    {
        public float x, y, z, w;

        public Quaternion(float x, float y, float z, float w)
        {
            this.x = x;
            this.y = y;
            this.z = z;
            this.w = w;
        }

        public static Quaternion identity
        {
            get { return new Quaternion(0f, 0f, 0f, 1f); }
        }

        public static Quaternion Inverse(Quaternion q)
        {
            return new Quaternion(-q.x, -q.y, -q.z, q.w);
        }

        public static float Angle(Quaternion a, Quaternion b)
        {
            Quaternion d = Inverse(a) * b;
            double sine = Math.Sqrt(d.x * d.x + d.y * d.y + d.z * d.z);
            return (float)(2.0 * Math.Atan2(sine, Math.Abs(d.w)) * 180.0 / Math.PI);
        }

        public static Quaternion Slerp(Quaternion a, Quaternion b, float t)
        {
            double cosine = a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
            double sign = cosine < 0.0 ? -1.0 : 1.0;
            double angle = Math.Acos(Math.Min(1.0, sign * cosine));
            double sine = Math.Sin(angle);
            t = Mathf.Clamp01(t);
            double first = sine < 1e-6 ? 1.0 - t : Math.Sin((1.0 - t) * angle) / sine;
            double second = sign * (sine < 1e-6 ? t : Math.Sin(t * angle) / sine);
            return new Quaternion(
                (float)(a.x * first + b.x * second), (float)(a.y * first + b.y * second),
                (float)(a.z * first + b.z * second), (float)(a.w * first + b.w * second));
        }

        public static Quaternion operator *(Quaternion a, Quaternion b)
        {
            return new Quaternion(
                a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
                a.w * b.y + a.y * b.w + a.z * b.x - a.x * b.z,
                a.w * b.z + a.z * b.w + a.x * b.y - a.y * b.x,
                a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z);
        }

        public static Vector3 operator *(Quaternion q, Vector3 v)
        {
            Quaternion turned = q * new Quaternion(v.x, v.y, v.z, 0f) * Inverse(q);
            return new Vector3(turned.x, turned.y, turned.z);
        }
    }

    public struct Color
    {
        public float r, g, b, a;

        public static Color green
        {
            get { return new Color { g = 1f, a = 1f }; }
        }
    }

    public struct Color32
    {
        public byte r, g, b, a;

        public Color32(byte r, byte g, byte b, byte a)
        {
            this.r = r;
            this.g = g;
            this.b = b;
            this.a = a;
        }
    }

    public struct Rect
    {
        public Rect(float x, float y, float width, float height)
        {
        }
    }

    public static class Mathf
    {
        public const float Rad2Deg = 57.29578f;

        public static float Clamp01(float x)
        {
            return Math.Max(0f, Math.Min(1f, x));
        }

        public static int Clamp(int x, int low, int high)
        {
            return Math.Max(low, Math.Min(high, x));
        }

        public static float Max(float a, float b)
        {
            return Math.Max(a, b);
        }

        public static float Exp(float x)
        {
            return (float)Math.Exp(x);
        }
    }
}
