if(VIGIA_SANITIZE)
  add_compile_options(-fsanitize=${VIGIA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VIGIA_SANITIZE})
endif()
