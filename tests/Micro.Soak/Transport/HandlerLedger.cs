using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace Micro.Soak.Transport;

/// <summary>
/// A file in memory that a server and its client share: when the handler of each call began, was told to stop, and ended, by the monotonic clock, which is
/// the machine's. Nothing of it goes over the sockets that are tested. Room for the last million calls. Thread-safe.
/// </summary>
internal sealed class HandlerLedger : IDisposable
{
    private const int Slots = 1 << 20;
    private const int SlotBytes = 5 * sizeof(long);
    private const int Header = 64;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private long _active;

    public HandlerLedger(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Header + ((long)Slots * SlotBytes));
        _view = _file.CreateViewAccessor();
    }

    /// <summary>How late the server was in all, ms.</summary>
    public long Stalled
    {
        get => _view.ReadInt64(0);
        set => _view.Write(0, value);
    }

    /// <summary>Handlers running in this process.</summary>
    public long Active => Volatile.Read(ref _active);

    /// <summary>Begins a handler; disposing the result ends it.</summary>
    public Entry Enter() => new(this);

    /// <summary>What is known of a call, timestamps; null when no handler learnt of it.</summary>
    public (long Began, long Fired, long Ended, long Messages)? Read(long id)
    {
        var at = At(id);
        return _view.ReadInt64(at) == id ? (_view.ReadInt64(at + 8), _view.ReadInt64(at + 16), _view.ReadInt64(at + 24), _view.ReadInt64(at + 32)) : null;
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private static long At(long id) => Header + (id % Slots * SlotBytes);

    /// <summary>One running handler.</summary>
    internal sealed class Entry : IDisposable
    {
        private readonly HandlerLedger _ledger;
        private CancellationTokenRegistration _registration;
        private long _at;
        private long _messages;

        internal Entry(HandlerLedger ledger)
        {
            _ledger = ledger;
            Interlocked.Increment(ref ledger._active);
        }

        /// <summary>Says which call this is, as soon as the handler knows, and watches its token.</summary>
        public void Is(long id, CancellationToken cancellationToken)
        {
            if (_at != 0)
            {
                return;
            }

            _at = At(id);
            _ledger._view.Write(_at + 8, Stopwatch.GetTimestamp());
            _ledger._view.Write(_at + 16, 0L);
            _ledger._view.Write(_at + 24, 0L);
            _ledger._view.Write(_at + 32, 0L);
            _ledger._view.Write(_at, id);
            _registration = cancellationToken.UnsafeRegister(static entry => ((Entry)entry!).Note(16), this);
        }

        /// <summary>Counts a message that the handler sent or took.</summary>
        public void Message() => _ledger._view.Write(_at + 32, ++_messages);

        public void Dispose()
        {
            _registration.Dispose();
            Interlocked.Decrement(ref _ledger._active);
            if (_at != 0)
            {
                Note(24);
            }
        }

        private void Note(int field) => _ledger._view.Write(_at + field, Stopwatch.GetTimestamp());
    }
}
