using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;

namespace Micro.Codecs;

/// <summary>
/// HTML form fields, WHATWG URL standard §5, by the JSON metadata of a type: what a field means (number, truth value, text, list) is decided by the
/// property it is for. Carries objects and dictionaries. <c>a.b</c> and <c>a[b]</c> are members; a repeated key or <c>a[]</c> is a list;
/// <c>a[0].b</c> is a member of an element.
/// </summary>
/// <remarks>
/// Forms know no null and no empty list: both are left out, and come back as what the type makes of an absent member.
/// </remarks>
internal sealed class FormCodec(JsonCodec json) : ICodec
{
    /// <summary>Most fields of one form.</summary>
    public const int MaxFields = 1024;

    /// <summary>Most different names, those of enclosing members included: a.b counts two.</summary>
    public const int MaxNames = 4096;

    /// <summary>Longest name in bytes as sent.</summary>
    public const int MaxNameLength = 1024;

    /// <summary>Deepest nesting of one field.</summary>
    public const int MaxDepth = 32;

    public string ContentType => ContentTypes.Form;

    public IMessageCodec<T>? For<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>() =>
        json.Metadata<T>() is { Kind: JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary } metadata ? new FormMessageCodec<T>(metadata) : null;
}
