namespace Micro;

/// <summary>
/// The closed set of outcomes of a call: the codes of gRPC, with the same numbers, on every transport.
/// Source: grpc/doc/statuscodes.md.
/// </summary>
public enum CallStatusCode
{
    /// <summary>The call succeeded.</summary>
    Ok = 0,

    /// <summary>The caller gave up. HTTP 499.</summary>
    Cancelled = 1,

    /// <summary>An error nothing better is known about. HTTP 500.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the service. HTTP 400.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed first. HTTP 504.</summary>
    DeadlineExceeded = 4,

    /// <summary>Something named in the request does not exist. HTTP 404.</summary>
    NotFound = 5,

    /// <summary>What was to be made exists already. HTTP 409.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not. HTTP 403.</summary>
    PermissionDenied = 7,

    /// <summary>A limit or quota is used up. HTTP 429.</summary>
    ResourceExhausted = 8,

    /// <summary>The service is not in the state the request needs. HTTP 400.</summary>
    FailedPrecondition = 9,

    /// <summary>Lost against a concurrent change. HTTP 409.</summary>
    Aborted = 10,

    /// <summary>Past the valid range. HTTP 400.</summary>
    OutOfRange = 11,

    /// <summary>The method is not there. HTTP 501.</summary>
    Unimplemented = 12,

    /// <summary>The service broke a promise of its own. HTTP 500.</summary>
    Internal = 13,

    /// <summary>The service cannot be reached or is not taking calls. HTTP 503.</summary>
    Unavailable = 14,

    /// <summary>Data was lost or is corrupt. HTTP 500.</summary>
    DataLoss = 15,

    /// <summary>Who calls is not known. HTTP 401.</summary>
    Unauthenticated = 16,
}
