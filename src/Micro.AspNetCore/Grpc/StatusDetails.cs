using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Micro.AspNetCore.Grpc;

/// <summary>
/// Writes and reads <c>google.rpc.Status</c>. The first detail is go-micro's <c>errors.Error</c>, which its clients look for; Micro's own take it off again.
/// </summary>
internal static class StatusDetails
{
    private const string GoMicroError = "type.googleapis.com/errors.Error";

    public static byte[] Write(CallStatus status, string contract)
    {
        using var buffer = new MemoryStream();
        var output = new CodedOutputStream(buffer, leaveOpen: true);
        output.WriteTag(1, WireFormat.WireType.Varint);
        output.WriteInt32((int)status.Code);
        WriteText(output, 2, status.Message);
        if (!status.Details.Any(detail => detail.Type == GoMicroError))
        {
            WriteAny(output, new CallErrorDetail(GoMicroError, GoMicro(status, contract)));
        }

        foreach (var detail in status.Details)
        {
            WriteAny(output, detail);
        }

        output.Flush();
        return buffer.ToArray();
    }

    /// <summary>The details of an outcome that was made elsewhere; empty when they cannot be read, which is no reason to lose code and message.</summary>
    public static IReadOnlyList<CallErrorDetail> Read(byte[] encoded)
    {
        var details = new List<CallErrorDetail>();
        try
        {
            var input = new CodedInputStream(encoded);
            for (uint tag; (tag = input.ReadTag()) != 0;)
            {
                if (tag == WireFormat.MakeTag(3, WireFormat.WireType.LengthDelimited))
                {
                    var any = Any.Parser.ParseFrom(input.ReadBytes());
                    details.Add(new CallErrorDetail(any.TypeUrl, any.Value.Memory));
                }
                else
                {
                    input.SkipLastField();
                }
            }

            return details;
        }
        catch (InvalidProtocolBufferException)
        {
            return [];
        }
    }

    private static void WriteAny(CodedOutputStream output, CallErrorDetail detail)
    {
        using var buffer = new MemoryStream();
        var any = new CodedOutputStream(buffer, leaveOpen: true);
        WriteText(any, 1, detail.Type);
        if (!detail.Value.IsEmpty)
        {
            any.WriteTag(2, WireFormat.WireType.LengthDelimited);
            any.WriteBytes(ByteString.CopyFrom(detail.Value.Span));
        }

        any.Flush();
        output.WriteTag(3, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static byte[] GoMicro(CallStatus status, string contract)
    {
        using var buffer = new MemoryStream();
        var error = new CodedOutputStream(buffer, leaveOpen: true);
        var (code, text) = HttpStatus(status.Code);
        WriteText(error, 1, contract);
        error.WriteTag(2, WireFormat.WireType.Varint);
        error.WriteInt32(code);
        WriteText(error, 3, status.Message);
        WriteText(error, 4, text);
        error.Flush();
        return buffer.ToArray();
    }

    private static void WriteText(CodedOutputStream output, int field, string text)
    {
        if (text.Length > 0)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteString(text);
        }
    }

    /// <summary>go-micro's numbers, from which it finds its way back to a gRPC code.</summary>
    private static (int Code, string Text) HttpStatus(CallStatusCode code) => code switch
    {
        CallStatusCode.Cancelled => (499, "Client Closed Request"),
        CallStatusCode.InvalidArgument or CallStatusCode.OutOfRange => (400, "Bad Request"),
        CallStatusCode.DeadlineExceeded => (408, "Request Timeout"),
        CallStatusCode.NotFound => (404, "Not Found"),
        CallStatusCode.AlreadyExists or CallStatusCode.Aborted => (409, "Conflict"),
        CallStatusCode.PermissionDenied => (403, "Forbidden"),
        CallStatusCode.Unauthenticated => (401, "Unauthorized"),
        CallStatusCode.ResourceExhausted => (429, "Too Many Requests"),
        CallStatusCode.FailedPrecondition => (412, "Precondition Failed"),
        CallStatusCode.Unimplemented => (501, "Not Implemented"),
        CallStatusCode.Unavailable => (503, "Service Unavailable"),
        _ => (500, "Internal Server Error"),
    };
}
