using System.Runtime.InteropServices;
using Shop.Launcher;

LauncherOptions options;
try
{
    options = LauncherOptions.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n{LauncherOptions.Usage}");
    return 2;
}

if (options.Help)
{
    Console.WriteLine(LauncherOptions.Usage);
    return 0;
}

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
using var place = new ShopPlace();
var screen = new Screen();
try
{
    return await new Day(options, place, screen).RunAsync(stopping.Token) ? 0 : 1;
}
catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
{
    screen.Complain(e.Message);
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
