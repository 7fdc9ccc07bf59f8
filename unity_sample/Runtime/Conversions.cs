using FloodBridge.Core;
using UnityEngine;

namespace FloodBridge
{
    /// <summary>The stream is in Unity's own axes and metres, so that only the types differ.</summary>
    internal static class Conversions
    {
        public static Vector3 ToUnity(this Vec3 v)
        {
            return new Vector3(v.X, v.Y, v.Z);
        }

        public static Quaternion ToUnity(this Quat q)
        {
            return new Quaternion(q.X, q.Y, q.Z, q.W);
        }

        public static Vec3 ToCore(this Vector3 v)
        {
            return new Vec3(v.x, v.y, v.z);
        }

        public static Quat ToCore(this Quaternion q)
        {
            return new Quat(q.x, q.y, q.z, q.w);
        }
    }
}
