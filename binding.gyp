{
  # A shim for tools that expect node-gyp: the build is described by CMakeLists.txt.
  'targets': [
    {
      'target_name': 'soapstone',
      'type': 'none',
      'actions': [
        {
          'action_name': 'cmake',
          'inputs': ['CMakeLists.txt'],
          'outputs': ['<(PRODUCT_DIR)/soapstone.node'],
          'action': ['node', 'scripts/build.mjs', '--native'],
        },
      ],
    },
  ],
}
