using UnityEditor;
using UnityEngine;

namespace FloodBridge.Editor
{
    /// <summary>Chooses one of the receivers that are enabled.</summary>
    internal sealed class ReceiverPicker
    {
        private int chosen;

        /// <summary>Draw the choice; null, and a hint instead, if there is none.</summary>
        public FloodBridgeReceiver Draw()
        {
            var all = FloodBridgeReceiver.All;
            if (all.Count == 0)
            {
                EditorGUILayout.HelpBox(
                    "There is no enabled Flood Bridge Receiver in the scene. "
                    + "GameObject > Flood Bridge adds one.", MessageType.Info);
                return null;
            }
            var names = new string[all.Count];
            for (int i = 0; i < names.Length; i++)
            {
                names[i] = i + ": " + all[i].name + " (character " + all[i].character + ")";
            }
            chosen = Mathf.Clamp(chosen, 0, names.Length - 1);
            chosen = EditorGUILayout.Popup("Receiver", chosen, names);
            return all[chosen];
        }
    }
}
