using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Micro.Cli.Tests.Support;

/// <summary>What must not be seen, in every spelling it could have.</summary>
internal sealed class Secrets
{
    private readonly List<(string What, string Text)> _all = [("the head of a private key", "PRIVATE KEY")];

    public int Count => _all.Count;

    public void Add(string what, string secret)
    {
        _all.Add((what, secret));

        // Of a token each part that gives something away.
        _all.AddRange(secret.Split('.').Skip(1).Where(part => part.Length > 20).Select(part => ($"a part of {what}", part)));
    }

    public void Add(string what, X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        Add(what, key);
    }

    /// <summary>The keys in the files of a home: roots, and what tokens are signed with.</summary>
    public void AddKeysOf(string home)
    {
        var authority = Path.Combine(home, "authority");
        foreach (var path in Directory.GetFiles(authority, "root-*.key"))
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(path));
            Add("a root's key", key);
        }

        using var keys = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(authority, "token-keys.json")));
        foreach (var row in keys.RootElement.GetProperty("keys").EnumerateArray())
        {
            using var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(row.GetProperty("pkcs8").GetBytesFromBase64(), out _);
            Add("a key of tokens", key);
        }
    }

    /// <summary>What of all this is in a text; null when nothing is.</summary>
    /// <param name="text">The text.</param>
    /// <param name="meant">The one that is meant to be there; null for none.</param>
    public string? In(string text, string? meant = null)
    {
        var rest = meant is null ? text : text.Replace(meant, "", StringComparison.Ordinal);
        return _all.Where(secret => rest.Contains(secret.Text, StringComparison.OrdinalIgnoreCase)).Select(secret => secret.What).FirstOrDefault();
    }

    private void Add(string what, ECDsa key)
    {
        var d = key.ExportParameters(includePrivateParameters: true).D!;
        string[] spellings = [Convert.ToBase64String(d).TrimEnd('='), System.Buffers.Text.Base64Url.EncodeToString(d), Convert.ToHexString(d), BitConverter.ToString(d)];
        _all.AddRange(spellings.Select(text => (what, text)));
        foreach (var pem in (string[])[key.ExportPkcs8PrivateKeyPem(), key.ExportECPrivateKeyPem()])
        {
            _all.AddRange(pem.Split('\n').Where(line => line.Length > 30 && !line.StartsWith('-')).Select(line => (what, line)));
        }
    }
}
