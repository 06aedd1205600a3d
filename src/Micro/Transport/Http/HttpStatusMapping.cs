using System.Collections.Frozen;

namespace Micro.Transport.Http;

/// <summary>
/// Status codes of HTTP for outcomes of calls and back, and the names that outcomes have in JSON. Sources: google/rpc/code.proto for the way out,
/// grpc/doc/http-grpc-status-mapping.md for the way back from peers that are not Micro.
/// </summary>
public static class HttpStatusMapping
{
    // In the order of CallStatusCode.
    private static readonly (string Name, string Title, int Http)[] Codes =
    [
        ("OK", "OK", 200),
        ("CANCELLED", "Cancelled", 499),
        ("UNKNOWN", "Unknown error", 500),
        ("INVALID_ARGUMENT", "Invalid argument", 400),
        ("DEADLINE_EXCEEDED", "Deadline exceeded", 504),
        ("NOT_FOUND", "Not found", 404),
        ("ALREADY_EXISTS", "Already exists", 409),
        ("PERMISSION_DENIED", "Permission denied", 403),
        ("RESOURCE_EXHAUSTED", "Resource exhausted", 429),
        ("FAILED_PRECONDITION", "Failed precondition", 400),
        ("ABORTED", "Aborted", 409),
        ("OUT_OF_RANGE", "Out of range", 400),
        ("UNIMPLEMENTED", "Unimplemented", 501),
        ("INTERNAL", "Internal error", 500),
        ("UNAVAILABLE", "Unavailable", 503),
        ("DATA_LOSS", "Data loss", 500),
        ("UNAUTHENTICATED", "Unauthenticated", 401),
    ];

    private static readonly FrozenDictionary<string, CallStatusCode> ByName =
        Codes.Select((entry, index) => KeyValuePair.Create(entry.Name, (CallStatusCode)index)).ToFrozenDictionary();

    /// <summary>The HTTP status of an outcome, e.g. 404 for <see cref="CallStatusCode.NotFound"/>.</summary>
    public static int ToHttp(CallStatusCode code) => Entry(code).Http;

    /// <summary>
    /// The outcome that an HTTP status alone stands for, when the answer does not name one. As gRPC maps them (404 is UNIMPLEMENTED: nothing
    /// serves the path), and where gRPC says UNKNOWN, with what RFC 9110 leaves no doubt about: 408, 413, 415, 431, 499, 501.
    /// </summary>
    public static CallStatusCode FromHttp(int status) => status switch
    {
        400 => CallStatusCode.Internal,
        401 => CallStatusCode.Unauthenticated,
        403 => CallStatusCode.PermissionDenied,
        404 or 405 or 501 => CallStatusCode.Unimplemented,
        413 or 431 => CallStatusCode.ResourceExhausted,
        415 => CallStatusCode.InvalidArgument,
        408 or 429 or 502 or 503 or 504 => CallStatusCode.Unavailable,
        499 => CallStatusCode.Cancelled,
        _ => CallStatusCode.Unknown,
    };

    /// <summary>The name of a code on the wire, e.g. <c>NOT_FOUND</c>.</summary>
    public static string NameOf(CallStatusCode code) => Entry(code).Name;

    /// <summary>Reads a name of a code; case matters. False, and UNKNOWN, for any other text.</summary>
    public static bool TryParseName(string? name, out CallStatusCode code)
    {
        if (name is not null && ByName.TryGetValue(name, out code))
        {
            return true;
        }

        code = CallStatusCode.Unknown;
        return false;
    }

    internal static string TitleOf(CallStatusCode code) => Entry(code).Title;

    private static (string Name, string Title, int Http) Entry(CallStatusCode code) =>
        (uint)code < (uint)Codes.Length ? Codes[(int)code] : Codes[(int)CallStatusCode.Unknown];
}
