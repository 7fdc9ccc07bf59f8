using System;
using UnityEngine;

namespace FloodBridge
{
    /// <summary>Tells listeners of the game; one that fails must not cost the body its motion.</summary>
    internal static class Announcement
    {
        public static void Tell<T>(this Action<T> listeners, T news, UnityEngine.Object source)
        {
            if (listeners == null)
            {
                return;
            }
            try
            {
                listeners(news);
            }
            catch (Exception error)
            {
                Debug.LogException(error, source);
            }
        }
    }
}
