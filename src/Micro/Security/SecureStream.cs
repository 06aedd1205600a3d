using System.Net.Security;

namespace Micro.Security;

/// <summary>A secured connection; what watches over its peer ends with it.</summary>
internal sealed class SecureStream(Stream inner) : SslStream(inner)
{
    public IDisposable? Watch { get; set; }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Watch?.Dispose();
        }

        base.Dispose(disposing);
    }

    public override ValueTask DisposeAsync()
    {
        Watch?.Dispose();
        return base.DisposeAsync();
    }
}
