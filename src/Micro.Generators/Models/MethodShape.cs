namespace Micro.Generators.Models;

/// <summary>The four kinds of call; the names are those of <c>Micro.CallKind</c> and of the factories of <c>CallMethod</c>.</summary>
internal enum MethodShape
{
    Unary,
    ServerStream,
    ClientStream,
    Duplex,
}
