// LMDB, every call of it under the fault guard. The functions that run there hold plain data only: see faultguard.hh.
#include "recursor/querylog/lmdbfile.hh"

#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "lib/base/fd.hh"
#include "recursor/querylog/faultguard.hh"

namespace rec {
namespace {

constexpr int kFault = -1; // LMDB's own codes are far below, those of the system above
constexpr std::size_t kAtOnce = 64;
constexpr unsigned kTables = 2;
constexpr std::size_t kMostValue = std::size_t{1} << 26; // no block is that long
constexpr mdb_mode_t kMode = 0640;

MDB_val valueOf(std::span<const std::byte> octets) { return {octets.size(), const_cast<std::byte*>(octets.data())}; }
MDB_val valueOf(std::uint64_t& id) { return {sizeof id, &id}; }

std::uint64_t idOf(const MDB_val& key) {
  std::uint64_t id = 0;
  if (key.mv_size == sizeof id) std::memcpy(&id, key.mv_data, sizeof id);
  return id;
}

} // namespace

struct LmdbFile::State {
  MDB_env* env = nullptr;
  MDB_dbi tables[kTables] = {};
  std::atomic<bool> damaged{false}; // nothing of the environment may be touched any more
  std::string folder;
  ~State() {
    if (env != nullptr && !damaged) mdb_env_close(env);
  }
};

namespace {

// ---- plain data of the guarded functions

struct OpenJob {
  MDB_env* env;
  const char* folder;
  unsigned flags;
  bool writable;
  MDB_dbi* tables;
};

int openTables(OpenJob& job) {
  MDB_txn* txn = nullptr;
  int code = mdb_txn_begin(job.env, nullptr, job.writable ? 0 : MDB_RDONLY, &txn);
  if (code != 0) return code;
  const unsigned flags = MDB_INTEGERKEY | (job.writable ? MDB_CREATE : 0U);
  code = mdb_dbi_open(txn, "indexes", flags, &job.tables[0]);
  if (code == 0) code = mdb_dbi_open(txn, "blocks", flags, &job.tables[1]);
  if (code != 0) {
    mdb_txn_abort(txn);
    return code;
  }
  return mdb_txn_commit(txn);
}

int runOpen(void* context) {
  auto& job = *static_cast<OpenJob*>(context);
  const int code = mdb_env_open(job.env, job.folder, job.flags, kMode);
  return code != 0 ? code : openTables(job);
}

struct ReadJob {
  MDB_env* env;
  MDB_dbi table;
  std::uint64_t from;
  bool backwards;
  std::size_t most;
  MDB_txn* txn;
  std::size_t count;
  std::uint64_t ids[kAtOnce];
  MDB_val values[kAtOnce];
};

// At `from`, or the nearest one on the way.
int seek(MDB_cursor* cursor, ReadJob& job, MDB_val& key, MDB_val& value) {
  key = valueOf(job.from);
  const int code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
  if (!job.backwards || (code != 0 && code != MDB_NOTFOUND)) return code;
  if (code == MDB_NOTFOUND) return mdb_cursor_get(cursor, &key, &value, MDB_LAST);
  return idOf(key) == job.from ? 0 : mdb_cursor_get(cursor, &key, &value, MDB_PREV);
}

int runRead(void* context) {
  auto& job = *static_cast<ReadJob*>(context);
  int code = mdb_txn_begin(job.env, nullptr, MDB_RDONLY, &job.txn);
  if (code != 0) return code;
  MDB_cursor* cursor = nullptr;
  code = mdb_cursor_open(job.txn, job.table, &cursor);
  if (code != 0) return code;
  MDB_val key, value;
  for (code = seek(cursor, job, key, value); code == 0 && job.count < job.most;) {
    job.ids[job.count] = idOf(key);
    job.values[job.count++] = value;
    code = mdb_cursor_get(cursor, &key, &value, job.backwards ? MDB_PREV : MDB_NEXT);
  }
  mdb_cursor_close(cursor);
  return code == MDB_NOTFOUND ? 0 : code;
}

int runEnd(void* context) {
  auto& job = *static_cast<ReadJob*>(context);
  if (job.txn != nullptr) mdb_txn_abort(job.txn);
  return 0;
}

struct VerifyJob {
  MDB_env* env;
  MDB_dbi* tables;
  const volatile char* highest; // the last octet of the value that lies furthest behind
};

int verifyTable(VerifyJob& job, MDB_txn* txn, MDB_dbi table) {
  MDB_cursor* cursor = nullptr;
  int code = mdb_cursor_open(txn, table, &cursor);
  if (code != 0) return code;
  MDB_val key, value;
  std::uint64_t before = 0; // numbers begin at 1; a tree that leads in a circle does not go up
  while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
    if (idOf(key) <= before) {
      code = MDB_CORRUPTED;
      break;
    }
    before = idOf(key);
    const char* const last = static_cast<const char*>(value.mv_data) + value.mv_size - 1;
    if (value.mv_size > 0 && last > job.highest) job.highest = last;
  }
  mdb_cursor_close(cursor);
  return code == MDB_NOTFOUND ? 0 : code;
}

// Walking through the tables touches all pages but those of the values; of these the furthest one stands for all.
int runVerify(void* context) {
  auto& job = *static_cast<VerifyJob*>(context);
  MDB_txn* txn = nullptr;
  int code = mdb_txn_begin(job.env, nullptr, MDB_RDONLY, &txn);
  if (code != 0) return code;
  for (unsigned i = 0; i < kTables && code == 0; ++i) code = verifyTable(job, txn, job.tables[i]);
  if (code == 0 && job.highest != nullptr) static_cast<void>(*job.highest);
  mdb_txn_abort(txn);
  return code;
}

struct WriteJob {
  MDB_env* env;
  MDB_dbi* tables;
  const LmdbFile::Put* puts;
  std::size_t putCount;
  const std::uint64_t* deletions;
  std::size_t deletionCount;
};

int putAll(const WriteJob& job, MDB_txn* txn) {
  for (std::size_t i = 0; i < job.deletionCount; ++i) {
    std::uint64_t id = job.deletions[i];
    MDB_val key = valueOf(id);
    for (unsigned t = 0; t < kTables; ++t) {
      const int code = mdb_del(txn, job.tables[t], &key, nullptr);
      if (code != 0 && code != MDB_NOTFOUND) return code;
    }
  }
  for (std::size_t i = 0; i < job.putCount; ++i) {
    std::uint64_t id = job.puts[i].id;
    MDB_val key = valueOf(id), index = valueOf(job.puts[i].index), block = valueOf(job.puts[i].block);
    int code = mdb_put(txn, job.tables[0], &key, &index, 0);
    if (code == 0) code = mdb_put(txn, job.tables[1], &key, &block, 0);
    if (code != 0) return code;
  }
  return 0;
}

int runWrite(void* context) {
  const auto& job = *static_cast<WriteJob*>(context);
  MDB_txn* txn = nullptr;
  int code = mdb_txn_begin(job.env, nullptr, 0, &txn);
  if (code != 0) return code;
  code = putAll(job, txn);
  if (code != 0) {
    mdb_txn_abort(txn);
    return code;
  }
  return mdb_txn_commit(txn);
}

void onAssert(MDB_env*, const char*) { leaveGuarded(); }

// LMDB writes to this one through memory: what has no room on the disk by then is a fault.
int reserveLockFile(const std::string& path) {
  constexpr off_t kSize = 8192; // of 126 readers
  const base::Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode));
  return file.valid() ? ::posix_fallocate(file.get(), 0, kSize) : 0; // else mdb_env_open() says what it is
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool isPermission(int code) { return code == EACCES || code == EPERM || code == EROFS; }

LmdbFile::Status plainStatus(int code) {
  switch (code) {
  case 0: return LmdbFile::Status::Ok;
  case MDB_NOTFOUND: return LmdbFile::Status::NotFound;
  case ENOSPC:
  case EDQUOT: return LmdbFile::Status::DiskFull;
  case MDB_MAP_FULL:
  case MDB_TXN_FULL: return LmdbFile::Status::MapFull;
  case kFault:
  case MDB_CORRUPTED:
  case MDB_PAGE_NOTFOUND:
  case MDB_INVALID:
  case MDB_VERSION_MISMATCH:
  case MDB_INCOMPATIBLE: return LmdbFile::Status::Damaged;
  default: return LmdbFile::Status::Failed;
  }
}

std::string reasonOf(int code) { return code == kFault ? "it is shorter than it says" : mdb_strerror(code); }

} // namespace

LmdbFile::LmdbFile(std::unique_ptr<State> state) : d_state(std::move(state)) {}
LmdbFile::~LmdbFile() = default;

std::string_view text(LmdbFile::Status status) {
  constexpr std::array<std::string_view, 6> kWords{"ok",           "not found", "the disk is full",
                                                   "no room left", "damaged",   "not possible"};
  return kWords[static_cast<std::size_t>(status)];
}

// Without the lock file readers hold nothing up and may be overtaken; they see that by checksums. Only where the lock
// file cannot be used, or is not there: one that a reader makes might not be the writer's to open.
LmdbFile::Opened LmdbFile::open(const std::string& folder, const Options& options) {
  const std::string lockFile = folder + "/lock.mdb";
  unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;
  flags |= options.writable ? (options.sync ? 0U : MDB_NOSYNC) : MDB_RDONLY;
  if (!options.writable && !exists(lockFile)) flags |= MDB_NOLOCK;
  int code = options.writable ? reserveLockFile(lockFile) : 0;
  for (unsigned attempt = 0; attempt < 2 && code != ENOSPC; ++attempt) {
    auto state = std::make_unique<State>();
    state->folder = folder;
    if (mdb_env_create(&state->env) != 0) return {Status::Failed, "no memory", nullptr};
    if (options.mapSize != 0) mdb_env_set_mapsize(state->env, options.mapSize);
    mdb_env_set_maxdbs(state->env, kTables);
    mdb_env_set_assert(state->env, onAssert);
    OpenJob job{state->env, folder.c_str(), flags, options.writable, state->tables};
    code = guarded(runOpen, &job, kFault);
    if (code == 0) return {Status::Ok, {}, std::unique_ptr<LmdbFile>(new LmdbFile(std::move(state)))};
    state->damaged = code == kFault;
    if (!isPermission(code) || (flags & MDB_NOLOCK) != 0) break;
    if (!options.writable) flags |= MDB_NOLOCK;
    if (options.writable && ::unlink(lockFile.c_str()) != 0) break; // somebody else's, left behind
  }
  return {plainStatus(code), reasonOf(code), nullptr};
}

LmdbFile::Status LmdbFile::statusOf(int code) {
  const Status status = plainStatus(code);
  if (code == kFault) d_state->damaged = true;
  return status;
}

LmdbFile::Status LmdbFile::read(Table table, std::uint64_t from, bool backwards, std::size_t most,
                                std::vector<Item>& items) {
  items.clear();
  if (d_state->damaged) return Status::Damaged;
  ReadJob job{};
  job.env = d_state->env;
  job.table = d_state->tables[static_cast<std::size_t>(table)];
  job.from = from;
  job.backwards = backwards;
  job.most = std::min(most, kAtOnce);
  int code = guarded(runRead, &job, kFault);
  for (std::size_t i = 0; i < job.count && code == 0; ++i) {
    if (job.values[i].mv_size > kMostValue) {
      code = MDB_CORRUPTED;
      break;
    }
    items.push_back({job.ids[i], LogOctets(job.values[i].mv_size)});
    if (!guardedCopy(items.back().octets.data(), job.values[i].mv_data, job.values[i].mv_size)) code = kFault;
  }
  if (code != kFault) guarded(runEnd, &job, kFault);
  return statusOf(code);
}

LmdbFile::Status LmdbFile::readOne(Table table, std::uint64_t id, LogOctets& octets) {
  std::vector<Item> items;
  const Status status = read(table, id, false, 1, items);
  if (status != Status::Ok) return status;
  if (items.empty() || items.front().id != id) return Status::NotFound;
  octets = std::move(items.front().octets);
  return Status::Ok;
}

LmdbFile::Status LmdbFile::verify() {
  VerifyJob job{d_state->env, d_state->tables, nullptr};
  return statusOf(guarded(runVerify, &job, kFault));
}

LmdbFile::Status LmdbFile::version(std::uint64_t& number) {
  if (d_state->damaged) return Status::Damaged;
  struct Job {
    MDB_env* env;
    MDB_envinfo info;
  } job{d_state->env, {}};
  const auto run = [](void* context) {
    auto& wanted = *static_cast<Job*>(context);
    return mdb_env_info(wanted.env, &wanted.info);
  };
  const int code = guarded(run, &job, kFault);
  number = job.info.me_last_txnid;
  return statusOf(code);
}

LmdbFile::Status LmdbFile::write(std::span<const Put> puts, std::span<const std::uint64_t> deletions) {
  if (d_state->damaged) return Status::Damaged;
  WriteJob job{d_state->env, d_state->tables, puts.data(), puts.size(), deletions.data(), deletions.size()};
  return statusOf(guarded(runWrite, &job, kFault));
}

void LmdbFile::checkReaders() {
  int dead = 0;
  if (!d_state->damaged) mdb_reader_check(d_state->env, &dead);
}

} // namespace rec
