namespace Micro.Security;

/// <summary>One extension of a certificate. Source: RFC 5280, section 4.2.</summary>
/// <param name="Oid">Which one.</param>
/// <param name="IsCritical">Whoever does not know it has to refuse the certificate.</param>
/// <param name="Value">Its value, DER.</param>
internal readonly record struct CertificateExtension(string Oid, bool IsCritical, ReadOnlyMemory<byte> Value)
{
    public const string KeyUsage = "2.5.29.15";
    public const string SubjectAlternativeName = "2.5.29.17";
    public const string BasicConstraints = "2.5.29.19";
    public const string NameConstraints = "2.5.29.30";
    public const string ExtendedKeyUsage = "2.5.29.37";
}
