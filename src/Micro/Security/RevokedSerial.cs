namespace Micro.Security;

/// <summary>A leaf that is trusted no more.</summary>
/// <param name="Serial">As <see cref="System.Security.Cryptography.X509Certificates.X509Certificate.GetSerialNumberString"/> writes it.</param>
/// <param name="Until">When no leaf that was issued by then is valid any more, so that the entry can go.</param>
internal sealed record RevokedSerial(string Serial, DateTimeOffset Until);
