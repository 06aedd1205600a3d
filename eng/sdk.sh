# Sourced by ./run, ./test and ./micro: stops with a clear message when the .NET 10 SDK is not there.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
if ! command -v dotnet >/dev/null 2>&1; then
  echo "Micro needs the .NET 10 SDK, and there is no 'dotnet' on the PATH. Get it from https://dotnet.microsoft.com/download/dotnet/10.0 and try again." >&2
  exit 3
fi
if ! dotnet --list-sdks | grep -q '^10\.'; then
  echo "Micro needs the .NET 10 SDK; the SDKs here are: $(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ' -). Get it from https://dotnet.microsoft.com/download/dotnet/10.0 and try again." >&2
  exit 3
fi
