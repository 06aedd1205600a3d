using Microsoft.Extensions.Options;

namespace Micro.Grpc;

internal sealed class GrpcClientOptionsValidation : IValidateOptions<GrpcClientOptions>
{
    public ValidateOptionsResult Validate(string? name, GrpcClientOptions options)
    {
        var wrong = new List<string>();
        Check(options.MaxReceiveMessageBytes > 0, "Micro:Grpc:MaxReceiveMessageBytes is above zero");
        Check(options.MaxSendMessageBytes > 0, "Micro:Grpc:MaxSendMessageBytes is above zero");
        Check(options.MaxConcurrentCalls > 0, "Micro:Grpc:MaxConcurrentCalls is above zero");
        Check(options.ConnectTimeout > TimeSpan.Zero, "Micro:Grpc:ConnectTimeout is above zero");
        Check(options.KeepAlivePingDelay >= TimeSpan.FromSeconds(1), "Micro:Grpc:KeepAlivePingDelay is 1 s or more");
        Check(options.KeepAlivePingTimeout >= TimeSpan.FromSeconds(1), "Micro:Grpc:KeepAlivePingTimeout is 1 s or more");
        Check(options.IdleTimeout > TimeSpan.Zero, "Micro:Grpc:IdleTimeout is above zero");
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong.Select(rule => $"This does not hold: {rule}."));

        void Check(bool holds, string rule)
        {
            if (!holds)
            {
                wrong.Add(rule);
            }
        }
    }
}
