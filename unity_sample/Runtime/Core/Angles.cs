using System;

namespace FloodBridge.Core
{
    /// <summary>Angles in radians, where whole turns do not count.</summary>
    public static class Angles
    {
        /// <summary>The same angle from -pi to pi.</summary>
        public static float Wrapped(float angle)
        {
            return (float)Math.IEEERemainder(angle, 2.0 * Math.PI);
        }

        /// <summary>From <paramref name="a"/> towards <paramref name="b"/>, the shorter way round.</summary>
        public static float Lerp(float a, float b, float share)
        {
            return Wrapped(a + Wrapped(b - a) * share);
        }
    }
}
