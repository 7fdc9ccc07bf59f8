namespace FloodBridge.Samples
{
    /// <summary>What an NPC wants to do, by how near the player is. Plain logic, no Unity.</summary>
    public sealed class NpcMood
    {
        public const string Waiting = "a person stands still";
        public const string Greeting = "a person waves with the right hand";
        public const string Retreating = "a person walks backwards slowly";

        private const float SeenMetres = 6f;
        private const float TooNearMetres = 1.5f;

        /// <summary>
        /// A mood is only left half a metre beyond where it began: nobody dithers on the line.
        /// </summary>
        private const float Margin = 0.5f;

        /// <summary>The prompt that holds now.</summary>
        public string Prompt { get; private set; } = Waiting;

        /// <summary>Look at the player; true if the prompt has changed.</summary>
        public bool See(float metres)
        {
            string before = Prompt;
            float tooNear = TooNearMetres + (before == Retreating ? Margin : 0f);
            float seen = SeenMetres + (before == Waiting ? 0f : Margin);
            Prompt = metres < tooNear ? Retreating : metres < seen ? Greeting : Waiting;
            return Prompt != before;
        }
    }
}
