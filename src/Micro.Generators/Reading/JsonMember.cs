using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>A property or field that is part of a message.</summary>
/// <param name="Name">Its C# name.</param>
/// <param name="WireName">Its name in JSON.</param>
/// <param name="Type">Its type.</param>
/// <param name="Required">Whether a message without it is refused.</param>
/// <param name="Converter">The class of its own converter, or null.</param>
internal sealed record JsonMember(string Name, string WireName, ITypeSymbol Type, bool Required, INamedTypeSymbol? Converter);
