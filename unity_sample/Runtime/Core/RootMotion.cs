namespace FloodBridge.Core
{
    /// <summary>
    /// The way through the world as steps in the character's own axes. A game may add them to wherever it has put the
    /// character, or let a controller with collisions take them.
    /// </summary>
    public sealed class RootMotion
    {
        private const float FarthestStep = 0.5f;

        private Vec3 lastPosition;
        private float lastYaw;
        private bool isRunning;

        /// <summary>Since the pose before, along the ground, metres of the source.</summary>
        public Vec3 Step { get; private set; }

        /// <summary>Radians to the right, to be turned after the step.</summary>
        public float Turn { get; private set; }

        public void Follow(BodyPose pose)
        {
            Vec3 travelled = pose.RootPosition - lastPosition;
            travelled.Y = 0f;
            bool isStep = isRunning && travelled.Length < FarthestStep;
            Step = isStep ? Quat.FromYaw(-lastYaw) * travelled : Vec3.Zero;
            Turn = isStep ? Angles.Wrapped(pose.Yaw - lastYaw) : 0f;
            lastPosition = pose.RootPosition;
            lastYaw = pose.Yaw;
            isRunning = true;
        }
    }
}
