using System.Text.Json;
using Google.Protobuf;

namespace Micro.Grpc;

/// <summary>
/// Reads <c>google.rpc.Status</c>. Its first detail may be go-micro's <c>errors.Error</c>, which Micro's servers send along for go-micro's clients.
/// </summary>
internal static class StatusDetails
{
    private const string GoMicroError = "type.googleapis.com/errors.Error";

    /// <summary>The details; and where the message is a go-micro error as JSON, the message in it.</summary>
    public static IReadOnlyList<CallErrorDetail> Read(byte[]? encoded, ref string message)
    {
        var details = Parse(encoded);
        if (details.Count > 0 && details[0].Type == GoMicroError)
        {
            var text = GoMicroDetail(details[0].Value);
            if (text == message)
            {
                // Says nothing that code and message do not say.
                details.RemoveAt(0);
            }
            else if (message.StartsWith('{'))
            {
                message = text;
            }
        }
        else if (encoded is null && message.StartsWith('{'))
        {
            message = GoMicroJson(message) ?? message;
        }

        return details;
    }

    private static List<CallErrorDetail> Parse(byte[]? encoded)
    {
        var details = new List<CallErrorDetail>();
        if (encoded is null)
        {
            return details;
        }

        try
        {
            var input = new CodedInputStream(encoded);
            for (uint tag; (tag = input.ReadTag()) != 0;)
            {
                if (tag == WireFormat.MakeTag(3, WireFormat.WireType.LengthDelimited))
                {
                    details.Add(ReadAny(input.ReadBytes()));
                }
                else
                {
                    input.SkipLastField();
                }
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // Details that cannot be read are no reason to lose code and message.
            details.Clear();
        }

        return details;
    }

    private static CallErrorDetail ReadAny(ByteString encoded)
    {
        var (type, value) = ("", ByteString.Empty);
        var input = encoded.CreateCodedInput();
        for (uint tag; (tag = input.ReadTag()) != 0;)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    type = input.ReadString();
                    break;
                case 2:
                    value = input.ReadBytes();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return new CallErrorDetail(type, value.Memory);
    }

    private static string GoMicroDetail(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            var input = new CodedInputStream(encoded.ToArray());
            for (uint tag; (tag = input.ReadTag()) != 0;)
            {
                if (tag == WireFormat.MakeTag(3, WireFormat.WireType.LengthDelimited))
                {
                    return input.ReadString();
                }

                input.SkipLastField();
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // Not what its type says; the caller gets it as it is.
        }

        return "";
    }

    /// <summary>The detail of <c>{"id":…,"code":…,"detail":…,"status":…}</c>; null for any other text.</summary>
    private static string? GoMicroJson(string message)
    {
        try
        {
            using var json = JsonDocument.Parse(message);
            return json.RootElement.TryGetProperty("id", out _) && json.RootElement.TryGetProperty("code", out _)
                && json.RootElement.TryGetProperty("status", out _) && json.RootElement.TryGetProperty("detail", out var detail)
                && detail.ValueKind == JsonValueKind.String ? detail.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter for escapes of half a character
        {
            return null;
        }
    }
}
