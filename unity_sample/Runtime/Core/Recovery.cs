namespace FloodBridge.Core
{
    /// <summary>
    /// Leads a body that stood still for want of frames softly back into the motion, which has gone on meanwhile.
    /// </summary>
    public sealed class Recovery
    {
        private const double FadeSecs = 0.25;

        /// <summary>Farther away the body goes at once; gliding there would look worse.</summary>
        private const float FarthestMetres = 2f;

        private readonly BodyPose held = new BodyPose();
        private double fadeEndSecs = double.NegativeInfinity;
        private bool wasStill;

        public void Reset()
        {
            fadeEndSecs = double.NegativeInfinity;
            wasStill = false;
        }

        /// <summary>Change <paramref name="pose"/>, just sampled, into what is to be seen.</summary>
        public void Apply(BodyPose pose, bool isStill, double nowSecs)
        {
            if (wasStill && !isStill)
            {
                fadeEndSecs = nowSecs + FadeSecs;
            }
            wasStill = isStill;
            if (isStill)
            {
                held.CopyFrom(pose);
            }
            else if (nowSecs < fadeEndSecs)
            {
                float share = (float)(1.0 - (fadeEndSecs - nowSecs) / FadeSecs);
                Blend(pose, share * share * (3f - 2f * share));
            }
        }

        private void Blend(BodyPose pose, float share)
        {
            if ((pose.RootPosition - held.RootPosition).Length < FarthestMetres)
            {
                pose.RootPosition = Vec3.Lerp(held.RootPosition, pose.RootPosition, share);
            }
            pose.Yaw = Angles.Lerp(held.Yaw, pose.Yaw, share);
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                pose.Rotations[joint] = Quat.Slerp(held.Rotations[joint], pose.Rotations[joint], share);
            }
        }
    }
}
