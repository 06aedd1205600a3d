using Google.Protobuf.Reflection;

namespace Micro.AspNetCore.Grpc;

/// <summary>A .proto file that gRPC reflection tells of, where it is on.</summary>
/// <param name="Descriptor">The file.</param>
/// <param name="Services">Those of its services that are listed, by full name.</param>
internal sealed record ReflectedFile(FileDescriptor Descriptor, IReadOnlyList<string> Services);
