/* An owning pointer to an object in a block of the pair. */
#pragma once

#include <midl_user.h>

#include <new>
#include <utility>

template <class T> class stub_ptr {
  public:
    stub_ptr() noexcept = default;
    /* Takes over what a client stub returned. */
    explicit stub_ptr(T *object) noexcept : object(object) {}
    stub_ptr(stub_ptr &&other) noexcept : object(other.release()) {}
    stub_ptr &operator=(stub_ptr other) noexcept {
        std::swap(object, other.object);
        return *this;
    }
    ~stub_ptr() {
        if (object != nullptr)
            object->~T();
        midl_user_free(object);
    }

    T *get() const noexcept { return object; }
    T &operator*() const noexcept { return *object; }
    T *operator->() const noexcept { return object; }
    explicit operator bool() const noexcept { return object != nullptr; }

    /* Hands the block over, to a stub or to C: whoever gets it frees it. */
    T *release() noexcept { return std::exchange(object, nullptr); }
    /* For a client stub to put its result there: the stub_ptr must be empty. */
    T **receive() noexcept { return &object; }

  private:
    T *object = nullptr;
};

template <class T, class... Arguments> stub_ptr<T> make_stub(Arguments &&...arguments) {
    void *block = midl_user_allocate(sizeof(T));
    if (block == nullptr)
        throw std::bad_alloc();
    try {
        return stub_ptr<T>(new (block) T{std::forward<Arguments>(arguments)...});
    } catch (...) {
        midl_user_free(block);
        throw;
    }
}
