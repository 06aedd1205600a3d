using System.ComponentModel.DataAnnotations;

namespace Micro.Rpc.Interceptors;

/// <summary>
/// Refuses a request that says of itself that it is not valid (<see cref="IValidatableObject"/>), with INVALID_ARGUMENT and every reason. On a client before it is
/// sent, on a server before the handler sees it. Added by <c>AddValidation()</c>.
/// </summary>
internal sealed class ValidationInterceptor : ICallInterceptor
{
    public ValueTask InvokeAsync(CallContext context, CallDelegate next)
    {
        if (context.Request is IValidatableObject message)
        {
            // The constructor with a display name looks at no attributes, so that it is safe under trimming.
            var problems = message.Validate(new ValidationContext(message, message.GetType().Name, null, null))
                .Where(result => result != ValidationResult.Success)
                .Select(result => result.ErrorMessage)
                .ToArray();
            if (problems.Length > 0)
            {
                throw new CallException(new CallStatus(
                    CallStatusCode.InvalidArgument, $"The request of {context.Spec} is not valid: {string.Join("; ", problems)}", notProcessed: true));
            }
        }

        return next(context);
    }
}
