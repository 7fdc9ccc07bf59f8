namespace FloodBridge.Core
{
    /// <summary>
    /// A chain of transforms, seen from its beginning: position, rotation and scale of where it has come to. Scale is
    /// kept by axis, as importers write it (one factor for all axes in nearly every file).
    /// </summary>
    public struct RestPose
    {
        public Vec3 Position;
        public Quat Rotation;
        public Vec3 Scale;

        public static readonly RestPose Origin = new RestPose
        {
            Rotation = Quat.Identity,
            Scale = new Vec3(1f, 1f, 1f),
        };

        /// <summary>The transform below this one, given its local position, rotation and scale.</summary>
        public RestPose Below(Vec3 position, Quat rotation, Vec3 scale)
        {
            Vec3 scaled = new Vec3(
                Scale.X * position.X, Scale.Y * position.Y, Scale.Z * position.Z);
            return new RestPose
            {
                Position = Position + Rotation * scaled,
                Rotation = Rotation * rotation,
                Scale = new Vec3(Scale.X * scale.X, Scale.Y * scale.Y, Scale.Z * scale.Z),
            };
        }
    }
}
