namespace UnityEngine
{
    public enum EventType
    {
        KeyDown = 4,
        Repaint = 7,
    }

    public enum KeyCode
    {
        Return = 13,
        KeypadEnter = 271,
    }

    public class Event
    {
        public static Event current { get; set; } = new Event { type = EventType.Repaint };

        public EventType type { get; set; }

        public KeyCode keyCode { get; set; }
    }

    public class GUIStyle
    {
    }

    public class GUISkin
    {
        public GUIStyle box { get; set; }
    }

    public static class GUI
    {
        public static GUISkin skin { get; set; } = new GUISkin();
    }

    public class GUILayoutOption
    {
    }

    /// <summary>Draws nothing; buttons whose text is in <see cref="Pressed"/> are pressed.</summary>
    public static class GUILayout
    {
        public static string Pressed;
        public static string LastLabel;

        public static void BeginArea(Rect area, GUIStyle style)
        {
        }

        public static void EndArea()
        {
        }

        public static string TextField(string text, int length)
        {
            return text;
        }

        public static bool Button(string text, params GUILayoutOption[] options)
        {
            return text == Pressed;
        }

        public static bool Button(string text, GUIStyle style, params GUILayoutOption[] options)
        {
            return text == Pressed;
        }

        public static void Label(string text, params GUILayoutOption[] options)
        {
            LastLabel = text;
        }

        public static GUILayoutOption MinHeight(float height)
        {
            return new GUILayoutOption();
        }
    }
}
