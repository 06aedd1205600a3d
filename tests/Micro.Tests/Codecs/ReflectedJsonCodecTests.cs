using Micro.Codecs;

namespace Micro.Tests.Codecs;

/// <summary>The conformance suite over JSON by reflection, which JIT applications get without naming a context.</summary>
public sealed class ReflectedJsonCodecTests : JsonCodecTests
{
    protected override ICodec CreateCodec() => new JsonCodec([]);
}
