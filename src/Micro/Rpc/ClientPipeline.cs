namespace Micro.Rpc;

internal sealed class ClientPipeline;
